/** Nodes that came without a place, as from files of the API format, do not lie on one heap. */

import { fit } from "../canvas/view";
import { boundsOf, rectsOf, type SizeOf } from "../graph/boxes";
import { moveNodes } from "../graph/edits";
import { rowsOf } from "../graph/metrics";
import { changeAt } from "../graph/path";
import { portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import { nodesOf, placeOf, type Workflow } from "../graph/workflow";
import { activeTab, openDoc, updateTab, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";

const GAP = 60;

/** Follows what is open until the returned function is called. */
export function followUnplaced(): () => void {
  let seen: Workflow | undefined;
  const look = () => {
    const { catalogue } = useNodes.getState();
    const doc = openDoc();
    if (catalogue === null || seen === doc) return;
    seen = doc;
    if (unplacedIn(doc).size > 1) void settle(catalogue);
  };
  const ends = [useDocuments.subscribe(look), useNodes.subscribe(look)];
  look();
  return () => {
    for (const end of ends) end();
  };
}

export function unplacedIn(doc: Workflow): Set<string> {
  const ids = Object.keys(nodesOf(doc));
  return new Set(ids.filter((id) => typeof placeOf(doc, id).x !== "number"));
}

/** It was nobody's edit: there is no step for it, and what was saved stays saved. */
async function settle(catalogue: Catalogue): Promise<void> {
  const { arranged } = await import("../graph/autolayout");
  const { id, path } = activeTab();
  const whole = unplacedIn(openDoc()).size === Object.keys(nodesOf(openDoc())).length;
  updateTab(id, (tab) => {
    const doc = changeAt(tab.doc, path, (open) => {
      const ids = unplacedIn(open);
      const sizeOf = (node: string) =>
        rowsOf(portsOf(open, node, catalogue), placeOf(open, node), false);
      return ids.size > 1 ? arranged(below(open, ids, sizeOf), ids, sizeOf) : open;
    });
    const follow = (held: Workflow | null) => (held === tab.doc ? doc : held);
    return { ...tab, doc, saved: follow(tab.saved), opened: follow(tab.opened) };
  });
  if (whole) requestAnimationFrame(() => requestAnimationFrame(() => fit()));
}

/** Under what has a place. */
export function below(doc: Workflow, ids: ReadonlySet<string>, sizeOf: SizeOf): Workflow {
  const rects = [...rectsOf(doc, sizeOf)].filter(([id]) => !ids.has(id));
  const taken = boundsOf(rects.map(([, rect]) => rect));
  const corner = taken ? { x: taken.x, y: taken.y + taken.height + GAP } : { x: 0, y: 0 };
  return moveNodes(doc, new Map([...ids].map((id) => [id, corner])));
}
