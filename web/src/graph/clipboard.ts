/** Nodes as text: copied with the links between them, pasted under fresh ids. */

import { freshId, type Point } from "./edits";
import { parseJson, writeJson } from "./json";
import type { Frame, Json, NodeEntry, Note, Workflow } from "./workflow";
import { inputsOf, isLink, nodesOf, placeOf } from "./workflow";

/** What is on the clipboard: a workflow of the copied nodes, with a mark of its own. */
interface Clip extends Workflow {
  readonly clip: true;
}

export function copied(
  doc: Workflow,
  ids: ReadonlySet<string>,
  more: { readonly frames?: readonly Frame[]; readonly notes?: readonly Note[] } = {},
): string {
  const nodes: Record<string, NodeEntry> = {};
  const layout: Record<string, unknown> = {};
  for (const id of ids) {
    const entry = nodesOf(doc)[id];
    if (entry === undefined) continue;
    nodes[id] = entry;
    layout[id] = placeOf(doc, id);
  }
  if (more.frames?.length) layout.$groups = more.frames;
  if (more.notes?.length) layout.$notes = more.notes;
  const clip: Clip = { nodegraph: 1, clip: true, nodes, layout };
  return writeJson(clip, 1);
}

/** The nodes in a text, if it holds some: a copy, or a whole workflow of ours. */
export function clipIn(text: string): Workflow | undefined {
  try {
    const found = parseJson(text);
    const ours = typeof found === "object" && found !== null && "nodegraph" in found;
    return ours ? (found as unknown as Workflow) : undefined;
  } catch {
    return undefined;
  }
}

export interface Pasted {
  readonly doc: Workflow;
  readonly ids: readonly string[];
}

/**
 * Adds the nodes of a clip, its upper left corner at a point. With `links`, what came from
 * nodes that were not copied is linked to those again, where they are.
 */
export function pasted(doc: Workflow, clip: Workflow, at: Point, links: boolean): Pasted {
  const names = new Map<string, string>();
  const nodes: Record<string, NodeEntry> = { ...nodesOf(doc) };
  for (const id of Object.keys(nodesOf(clip))) {
    const name = freshId({ ...doc, nodes }, id);
    names.set(id, name);
    nodes[name] = { type: "" };
  }
  const corner = cornerOf(clip);
  const layout: Record<string, unknown> = { ...doc.layout };
  for (const [id, entry] of Object.entries(nodesOf(clip))) {
    const name = names.get(id) as string;
    const { x = corner.x, y = corner.y } = placeOf(clip, id);
    nodes[name] = relinked(entry, names, links ? doc : undefined);
    layout[name] = { ...placeOf(clip, id), x: x - corner.x + at.x, y: y - corner.y + at.y };
  }
  layout.$groups = [...(doc.layout?.$groups ?? []), ...moved(clip.layout?.$groups, corner, at)];
  layout.$notes = [...(doc.layout?.$notes ?? []), ...moved(clip.layout?.$notes, corner, at)];
  return { doc: { ...doc, nodes, layout }, ids: [...names.values()] };
}

function relinked(
  entry: NodeEntry,
  names: ReadonlyMap<string, string>,
  outside: Workflow | undefined,
): NodeEntry {
  const inputs: Record<string, Json> = {};
  for (const [name, value] of Object.entries(inputsOf(entry))) {
    if (!isLink(value)) inputs[name] = value;
    else if (names.has(value.node)) {
      inputs[name] = { ...(value as object), node: names.get(value.node) as string } as Json;
    } else if (outside && value.node in nodesOf(outside)) inputs[name] = value;
  }
  return { ...entry, inputs };
}

function moved<T extends { id: string; x: number; y: number }>(
  from: readonly T[] | undefined,
  corner: Point,
  at: Point,
): T[] {
  return (from ?? []).map((one) => ({
    ...one,
    id: crypto.randomUUID(),
    x: one.x - corner.x + at.x,
    y: one.y - corner.y + at.y,
  }));
}

function cornerOf(clip: Workflow): Point {
  const places = [
    ...Object.keys(nodesOf(clip)).map((id) => placeOf(clip, id)),
    ...(clip.layout?.$groups ?? []),
    ...(clip.layout?.$notes ?? []),
  ];
  const least = (of: "x" | "y") => Math.min(...places.map((place) => place[of] ?? 0));
  return places.length > 0 ? { x: least("x"), y: least("y") } : { x: 0, y: 0 };
}
