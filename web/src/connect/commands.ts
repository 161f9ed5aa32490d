/** Commands about links, and about putting nodes between and in place of others. */

import { middle } from "../canvas/view";
import { announce } from "../commands/announce";
import { register } from "../commands/registry";
import type { Point } from "../graph/edits";
import { linksOf, removePoint, unplugged } from "../graph/links";
import { placeOf } from "../graph/workflow";
import { edit, openDoc } from "../store/documents";
import { select, useSelection } from "../store/selection";
import { show } from "../store/view";
import { t } from "../text/catalogue";
import { drawnLinks } from "./places";
import { addPointTo } from "./rerouting";
import { useConnecting } from "./store";

/** The only node that is selected. */
function single(): string | undefined {
  const { nodes } = useSelection.getState();
  const [id] = nodes;
  return nodes.size === 1 && id !== undefined && openDoc().nodes?.[id] ? id : undefined;
}

function singleLink(): string | undefined {
  const { edges } = useSelection.getState();
  return edges.size === 1 ? [...edges][0] : undefined;
}

function linksOfSelected(): string[] {
  const doc = openDoc();
  const found = [...useSelection.getState().nodes].flatMap((id) => linksOf(doc, id));
  return [...new Set(found)];
}

function disconnectSelected(): void {
  const ids = linksOfSelected();
  edit("connect.cut", (doc) => unplugged(doc, ids));
  announce(t("connect.cutLinks", { count: ids.length }));
}

/** The point that was taken last, or else the links that are selected. */
function unlink(): void {
  const { point } = useConnecting.getState();
  const { nodes, edges } = useSelection.getState();
  if (point) {
    useConnecting.setState({ point: null });
    edit("connect.pointLess", (doc) => removePoint(doc, point.link, point.place));
    return;
  }
  edit("connect.delete", (doc) => unplugged(doc, [...edges]));
  select(nodes);
  announce(t("connect.cutLinks", { count: edges.size }));
}

/** The middle of a link as it is drawn. */
function middleOf(link: string): Point {
  const canvas = document.querySelector(".react-flow");
  const line = canvas && drawnLinks(canvas).find((one) => one.id === link)?.line;
  return line?.[Math.floor(line.length / 2)] ?? middle();
}

function insertOnLink(): void {
  const link = singleLink();
  if (link !== undefined) show({ palette: { at: middleOf(link), link, keys: true } });
}

function rerouteLink(): void {
  const link = singleLink();
  if (link !== undefined) addPointTo(link, middleOf(link));
}

function replaceNode(): void {
  const id = single();
  if (id === undefined) return;
  const { x = 0, y = 0 } = placeOf(openDoc(), id);
  show({ palette: { at: { x, y }, replace: id, keys: true } });
}

register(
  {
    id: "graph.connect",
    keys: "C",
    enabled: () => single() !== undefined,
    run: () => {
      const node = single();
      if (node !== undefined) show({ connect: { node } });
    },
  },
  {
    id: "graph.disconnect",
    keys: "Shift+C",
    enabled: () => linksOfSelected().length > 0,
    run: disconnectSelected,
  },
  {
    id: "graph.unlink",
    keys: "Delete Backspace",
    enabled: () => {
      const { nodes, edges } = useSelection.getState();
      return useConnecting.getState().point !== null || (edges.size > 0 && nodes.size === 0);
    },
    run: unlink,
  },
  {
    id: "graph.insert",
    keys: "I",
    enabled: () => singleLink() !== undefined,
    run: insertOnLink,
  },
  { id: "graph.reroute", enabled: () => singleLink() !== undefined, run: rerouteLink },
  {
    id: "graph.replace",
    keys: "Shift+R",
    enabled: () => single() !== undefined,
    run: replaceNode,
  },
);
