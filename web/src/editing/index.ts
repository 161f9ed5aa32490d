/** The editing tools, as the page plugs them in. */

import { extendCanvas } from "../canvas/extensions";
import type { AnyNode } from "../canvas/flow";
import { onCanvasMenu } from "../canvas/menus";
import { openInside } from "../canvas/useMenus";
import { bodyOf } from "../graph/path";
import { portAt } from "../graph/subports";
import { activeTab, openDoc } from "../store/documents";
import { select, useSelection } from "../store/selection";
import { t } from "../text/catalogue";
import { addToWidgetMenus } from "../widgets/menus";
import { FrameView } from "./FrameView";
import { togglePort } from "./grouping";
import { listenToLongPress } from "./longPress";
import { NoteView } from "./NoteView";
import { listenToPaste } from "./pasting";
import { Renaming } from "./Renaming";
import { followReusables } from "./reusables";
import { useEditing, write } from "./store";
import { followUnplaced } from "./unplaced";
import "./history";
import "./clipboard";
import "./deleting";
import "./selecting";
import "./framing";
import "./looks";
import "./arranging";

export { Breadcrumbs } from "./Breadcrumbs";
export { CanvasMenu } from "./CanvasMenu";
export { LateDialogs as EditDialogs } from "./LateDialogs";

/** Starts to listen; returns the function that ends it. */
export function startEditing(): () => void {
  const ends = [
    onCanvasMenu((menu) => useEditing.setState({ menu })),
    listenToPaste(),
    listenToLongPress(),
    followReusables(),
    followUnplaced(),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** A double click on a title renames, unless the node holds a workflow: that is opened. */
function onNodeDoubleClick(event: React.MouseEvent, node: AnyNode): void {
  const onTitle = (event.target as Element).closest(".node-head") !== null;
  if (onTitle && node.type === "node" && !bodyOf(openDoc(), node.id)) write(node.id);
  else openInside(event, node);
}

/** A click on one of several that are selected leaves that one, as everywhere else. */
function onNodeClick(event: React.MouseEvent, { id }: AnyNode): void {
  const more = event.shiftKey || event.ctrlKey || event.metaKey;
  const { nodes } = useSelection.getState();
  if (!more && nodes.size > 1 && nodes.has(id)) select([id]);
}

const props = { onNodeClick, onNodeDoubleClick };

extendCanvas({
  useProps: () => props,
  Overlay: Renaming,
  views: { frame: FrameView, note: NoteView },
});

addToWidgetMenus(({ node, input }) => {
  if (activeTab().path.length === 0) return [];
  const is = portAt(openDoc(), "inputs", node, input.name) !== undefined;
  const label = t(is ? "editing.hidePort" : "editing.exposePort", { name: input.name });
  return [{ label, run: () => togglePort("inputs", node, input.name) }];
});
