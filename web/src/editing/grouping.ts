/** Subgraphs: made of what is selected, opened, left, taken apart. */

import { announce } from "../commands/announce";
import { showNode } from "../commands/focus";
import { register } from "../commands/registry";
import { rectsOf } from "../graph/boxes";
import { moveNodes, type Point, setPlace } from "../graph/edits";
import { freePlace, overlap } from "../graph/free";
import { withContents } from "../graph/groups";
import { bodyOf } from "../graph/path";
import { withBetween } from "../graph/reach";
import { freshSubgraphId, intoSubgraph } from "../graph/subgraph";
import { exposed, portAt, withoutPort } from "../graph/subports";
import { ungrouped } from "../graph/ungroup";
import type { Workflow } from "../graph/workflow";
import { nodesOf, SUBGRAPH } from "../graph/workflow";
import { activeTab, edit, openDoc, openPath } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select } from "../store/selection";
import { toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { hasNodes, namesIn, picked, pickedNodes, singleSubgraph, sizes } from "./picked";
import { openDialog, write } from "./store";

function group(): void {
  const doc = openDoc();
  const things = withContents(doc, picked(doc), sizes());
  const nodes = new Set([...things].filter((id) => id in nodesOf(doc)));
  const all = withBetween(doc, nodes);
  const id = freshSubgraphId(doc);
  const made = intoSubgraph(doc, new Set([...things, ...all]), id, namesIn(doc));
  const titled = setPlace(made, id, { title: t("editing.subgraph") });
  edit("edit.group", () => moveNodes(titled, new Map([[id, freeFor(titled, id)]])));
  const between = all.size - nodes.size;
  if (between > 0) toast({ kind: "info", text: t("editing.between", { count: between }) });
  select([id]);
  write(id);
}

/** It is taller than what it holds: it goes where it covers no neighbour. */
function freeFor(doc: Workflow, id: string): Point {
  const rects = rectsOf(doc, sizes(doc));
  const own = rects.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  const others = [...rects].filter(([key]) => key !== id && key in nodesOf(doc));
  const covers = others.some(([, rect]) => overlap(own, rect));
  return covers
    ? freePlace(
        own,
        others.map(([, rect]) => rect),
      )
    : own;
}

/** All selected subgraphs; their nodes are selected then. */
function ungroup(): void {
  const ids = pickedSubgraphs();
  const { catalogue } = useNodes.getState();
  if (catalogue === null) return;
  let doc = openDoc();
  const freed: string[] = [];
  for (const id of ids) {
    const made = ungrouped(doc, id, catalogue);
    if (made === undefined) continue;
    doc = made.doc;
    freed.push(...made.ids);
  }
  edit("edit.ungroup", () => doc);
  select(freed);
  announce(t("editing.selected", { count: freed.length }));
}

function pickedSubgraphs(doc: Workflow = openDoc()): string[] {
  return [...pickedNodes(doc)].filter((id) => isSubgraph(doc, id));
}

/** Loops hold workflows too, but mean more than these: they are not taken apart. */
function isSubgraph(doc: Workflow, id: string): boolean {
  return nodesOf(doc)[id]?.type === SUBGRAPH && bodyOf(doc, id) !== undefined;
}

export function openInner(id: string): void {
  select([]);
  openPath([...activeTab().path, id]);
  announce(t("editing.opened", { name: id }));
}

/** To the workflow around, `depth` steps from the top; what was open is selected there. */
export function leaveTo(depth: number): void {
  const { path } = activeTab();
  const from = path[depth];
  if (from === undefined) return;
  openPath(path.slice(0, depth));
  showNode(from);
}

/** Makes a field or an output of the open subgraph a port of it, or takes that away. */
export function togglePort(side: "inputs" | "outputs", node: string, field: string): void {
  const { path } = activeTab();
  const key = portAt(openDoc(), side, node, field);
  if (key === undefined) {
    edit("edit.expose", (doc) => exposed(doc, side, node, field));
    announce(t("editing.exposed", { name: field }));
  } else removePort(path, side, key);
}

/** Takes a port from the subgraph at a path. */
export function removePort(path: readonly string[], side: "inputs" | "outputs", key: string): void {
  const id = path.at(-1);
  const at = path.slice(0, -1);
  if (id !== undefined) edit("edit.removePort", (doc) => withoutPort(doc, id, side, key), { at });
  announce(t("editing.portRemoved", { name: key }));
}

function openPorts(): void {
  const node = singleSubgraph();
  const { path } = activeTab();
  if (node !== undefined) openDialog({ kind: "ports", path, node });
  else openDialog({ kind: "ports", path: path.slice(0, -1), node: path.at(-1) ?? "" });
}

const inside = () => activeTab().path.length > 0;

register(
  { id: "graph.group", keys: "Mod+Alt+G", enabled: hasNodes, run: group },
  {
    id: "graph.ungroup",
    keys: "Mod+Shift+G",
    enabled: () => pickedSubgraphs().length > 0,
    run: ungroup,
  },
  {
    id: "graph.open",
    keys: "Mod+E",
    enabled: () => singleSubgraph() !== undefined,
    run: () => openInner(singleSubgraph() ?? ""),
  },
  {
    id: "graph.out",
    keys: "Mod+Shift+E",
    enabled: inside,
    run: () => leaveTo(activeTab().path.length - 1),
  },
  {
    id: "graph.ports",
    enabled: () => singleSubgraph() !== undefined || inside(),
    run: openPorts,
  },
);
