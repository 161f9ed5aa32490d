/** Nodes as text: copied with the links between them, pasted under fresh ids. */

import { boundsOf, framesOf, freshBoxes, notesOf } from "./boxes";
import type { Point } from "./edits";
import { parseJson, writeJson } from "./json";
import type { Json, NodeEntry, Workflow } from "./workflow";
import {
  edgeId,
  edgesOf,
  framesIn,
  inputsOf,
  isLink,
  nodesOf,
  notesIn,
  placeOf,
  reroutesIn,
} from "./workflow";

/** What is on the clipboard: a workflow of the copied nodes, with a mark of its own. */
export interface Clip extends Workflow {
  readonly clip?: true;
}

/** The picked nodes, frames and notes as a workflow. */
export function clipOf(doc: Workflow, picked: ReadonlySet<string>): Clip {
  const nodes: Record<string, NodeEntry> = {};
  const layout: Record<string, unknown> = {};
  for (const [id, entry] of Object.entries(nodesOf(doc))) {
    if (!picked.has(id)) continue;
    nodes[id] = entry;
    layout[id] = placeOf(doc, id);
  }
  const held = <T>(all: ReadonlyMap<string, T>) =>
    [...all].flatMap(([key, one]) => (picked.has(key) ? [one] : []));
  const frames = held(framesOf(doc));
  const notes = held(notesOf(doc));
  const inside = edgesOf(doc).filter((edge) => picked.has(edge.source) && picked.has(edge.target));
  const reroutes = reroutesOf(
    doc,
    inside.map(({ id }) => [id, id]),
  );
  if (frames.length > 0) layout.$groups = frames;
  if (notes.length > 0) layout.$notes = notes;
  if (reroutes) layout.$reroutes = reroutes;
  return { nodegraph: 1, clip: true, nodes, layout };
}

export function copied(doc: Workflow, picked: ReadonlySet<string>): string {
  return writeJson(clipOf(doc, picked), 1);
}

/** The nodes in a text, if it holds some: a copy, or a whole workflow of ours. */
export function clipIn(text: string): Clip | undefined {
  try {
    const found = parseJson(text);
    const ours = typeof found === "object" && found !== null && "nodegraph" in found;
    return ours ? (found as unknown as Clip) : undefined;
  } catch {
    return undefined;
  }
}

export interface Pasted {
  readonly doc: Workflow;
  /** What the pasted nodes, frames and notes are called. */
  readonly ids: readonly string[];
}

/**
 * Adds what a clip holds, its upper left corner at a point. With `links`, what came from nodes
 * that were not copied is linked to those again, where they are.
 */
export function pasted(doc: Workflow, clip: Workflow, at: Point, links: boolean): Pasted {
  const names = freshNames(doc, Object.keys(nodesOf(clip)));
  const corner = cornerOf(clip);
  const shift = { x: Math.round(at.x - corner.x), y: Math.round(at.y - corner.y) };
  const nodes: Record<string, NodeEntry> = { ...nodesOf(doc) };
  const layout: Record<string, unknown> = { ...doc.layout };
  for (const [id, entry] of Object.entries(nodesOf(clip))) {
    const name = names.get(id) as string;
    const { x = corner.x, y = corner.y } = placeOf(clip, id);
    nodes[name] = renamed(relinked(entry, names, links ? doc : undefined), names);
    layout[name] = { ...placeOf(clip, id), x: x + shift.x, y: y + shift.y };
  }
  const made = withDrawn({ ...doc, nodes, layout }, clip, names, shift);
  return { doc: made.doc, ids: [...names.values(), ...made.boxes] };
}

/** Adds the frames, notes and reroutes of another workflow whose nodes were added. */
export function withDrawn(
  doc: Workflow,
  from: Workflow,
  names: ReadonlyMap<string, string>,
  shift: Point,
): { doc: Workflow; boxes: string[] } {
  const fresh = freshBoxes(doc);
  const $reroutes = reroutesIn(from);
  const moved = (box: Point) => ({ x: box.x + shift.x, y: box.y + shift.y });
  const frames = framesIn(from).map((one) => ({ ...one, ...moved(one), id: fresh("frame") }));
  const notes = notesIn(from).map((one) => ({ ...one, ...moved(one), id: fresh("note") }));
  const links = edgesOf(from).map(({ id, target, input }): [string, string] => [
    id,
    edgeId(names.get(target) ?? target, input),
  ]);
  const points = Object.fromEntries(
    links.flatMap(([id, name]) => ($reroutes[id] ? [[name, $reroutes[id].map(moved)]] : [])),
  );
  const before = doc.layout ?? {};
  const layout = {
    ...before,
    ...(frames.length > 0 && { $groups: [...framesIn(doc), ...frames] }),
    ...(notes.length > 0 && { $notes: [...notesIn(doc), ...notes] }),
    ...(Object.keys(points).length > 0 && { $reroutes: { ...reroutesIn(doc), ...points } }),
  };
  return { doc: { ...doc, layout }, boxes: [...frames, ...notes].map(({ id }) => id) };
}

/** The points of some links, under other names; undefined if there are none. */
export function reroutesOf(doc: Workflow, links: readonly (readonly [string, string])[]) {
  const all = reroutesIn(doc);
  const found = links.flatMap(([id, name]) => (all[id] ? [[name, all[id]] as const] : []));
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** A name for each of some nodes that nothing in a workflow has: the same, or with a number. */
export function freshNames(doc: Workflow, ids: readonly string[]): Map<string, string> {
  const taken = new Set([...Object.keys(nodesOf(doc)), ...framesOf(doc).keys()]);
  for (const key of notesOf(doc).keys()) taken.add(key);
  const names = new Map<string, string>();
  for (const id of ids) {
    const base = taken.has(id) ? id.replace(/-\d+$/, "") : id;
    let name = id;
    for (let n = 2; taken.has(name); n += 1) name = `${base}-${n}`;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

/** A node whose links lead to the new names of others. */
export function renamed(entry: NodeEntry, names: ReadonlyMap<string, string>): NodeEntry {
  const inputs = Object.entries(inputsOf(entry)).map(([name, value]) => {
    const node = isLink(value) ? names.get(value.node) : undefined;
    return [name, node === undefined ? value : { ...(value as object), node }];
  });
  return { ...entry, inputs: Object.fromEntries(inputs) as { [name: string]: Json } };
}

function relinked(
  entry: NodeEntry,
  names: ReadonlyMap<string, string>,
  outside: Workflow | undefined,
): NodeEntry {
  const kept = Object.entries(inputsOf(entry)).filter(([, value]) => {
    if (!isLink(value) || names.has(value.node)) return true;
    return outside !== undefined && value.node in nodesOf(outside);
  });
  return { ...entry, inputs: Object.fromEntries(kept) };
}

function cornerOf(clip: Workflow): Point {
  const none = { width: 0, height: 0 };
  const places = Object.keys(nodesOf(clip)).map((id) => placeOf(clip, id));
  const boxes = [...framesIn(clip), ...notesIn(clip)];
  const rects = [...places, ...boxes].map(({ x = 0, y = 0 }) => ({ x, y, ...none }));
  return boundsOf(rects) ?? { x: 0, y: 0 };
}
