/** Frames and notes beside nodes: what they are called, and which lie on which. */

import { moveNodes, type Point } from "./edits";
import type { Frame, Note, Workflow } from "./workflow";
import { framesIn, nodesOf, notesIn, placeOf } from "./workflow";

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

/** What is drawn of a node, known from graph/metrics.ts. */
export type SizeOf = (node: string) => { readonly width: number; readonly height: number };

/** The name of a frame on the canvas: its id, or its place in the list where that says nothing. */
export function frameKey(doc: Workflow, frame: Frame, place: number): string {
  return keyOf(doc, frame.id, `$frame-${place}`);
}

export function noteKey(doc: Workflow, note: Note, place: number): string {
  return keyOf(doc, note.id, `$note-${place}`);
}

/** Frames of other programs may come without an id, or with one that a node has. */
function keyOf(doc: Workflow, id: string | undefined, otherwise: string): string {
  return id === undefined || id === "" || id in nodesOf(doc) ? otherwise : id;
}

export function framesOf(doc: Workflow): ReadonlyMap<string, Frame> {
  return new Map(framesIn(doc).map((frame, place) => [frameKey(doc, frame, place), frame]));
}

export function notesOf(doc: Workflow): ReadonlyMap<string, Note> {
  return new Map(notesIn(doc).map((note, place) => [noteKey(doc, note, place), note]));
}

/** `frame-1`, `frame-2`, ...: what neither a node nor a box is called. */
export function freshBoxes(doc: Workflow): (base: "frame" | "note") => string {
  const taken = new Set([...Object.keys(nodesOf(doc)), ...framesOf(doc).keys()]);
  for (const key of notesOf(doc).keys()) taken.add(key);
  return (base) => {
    let n = 1;
    while (taken.has(`${base}-${n}`)) n += 1;
    taken.add(`${base}-${n}`);
    return `${base}-${n}`;
  };
}

/** Changes the frames that are picked; `undefined` takes one away. */
export function changeFrames(
  doc: Workflow,
  picked: ReadonlySet<string>,
  change: (frame: Frame, key: string) => Frame | undefined,
): Workflow {
  const frames = framesIn(doc);
  const made = changed(frames, (one, place) => frameKey(doc, one, place), picked, change);
  return made === frames ? doc : { ...doc, layout: { ...doc.layout, $groups: made } };
}

export function changeNotes(
  doc: Workflow,
  picked: ReadonlySet<string>,
  change: (note: Note, key: string) => Note | undefined,
): Workflow {
  const notes = notesIn(doc);
  const made = changed(notes, (one, place) => noteKey(doc, one, place), picked, change);
  return made === notes ? doc : { ...doc, layout: { ...doc.layout, $notes: made } };
}

function changed<T>(
  all: readonly T[],
  keyOfOne: (one: T, place: number) => string,
  picked: ReadonlySet<string>,
  change: (one: T, key: string) => T | undefined,
): readonly T[] {
  const made = all.flatMap((one, place) => {
    const key = keyOfOne(one, place);
    const next = picked.has(key) ? change(one, key) : one;
    return next === undefined ? [] : [next];
  });
  return made.length === all.length && made.every((one, place) => one === all[place]) ? all : made;
}

/** Nodes, frames and notes at new places. */
export function moveAll(doc: Workflow, places: ReadonlyMap<string, Point>): Workflow {
  const nodes = new Map([...places].filter(([id]) => id in nodesOf(doc)));
  const moved = nodes.size > 0 ? moveNodes(doc, nodes) : doc;
  const keys = new Set(places.keys());
  const framed = changeFrames(moved, keys, (box, key) => ({ ...box, ...places.get(key) }));
  return changeNotes(framed, keys, (box, key) => ({ ...box, ...places.get(key) }));
}

/** Nodes, frames and notes moved by as much. */
export function movedBy(doc: Workflow, picked: Iterable<string>, by: Point): Workflow {
  const [frames, notes] = [framesOf(doc), notesOf(doc)];
  const places = [...picked].flatMap((key): [string, Point][] => {
    const there = key in nodesOf(doc) ? placeOf(doc, key) : (frames.get(key) ?? notes.get(key));
    return there ? [[key, { x: (there.x ?? 0) + by.x, y: (there.y ?? 0) + by.y }]] : [];
  });
  return places.length > 0 ? moveAll(doc, new Map(places)) : doc;
}

/** Where everything is: nodes, frames and notes by their names. */
export function rectsOf(doc: Workflow, sizeOf: SizeOf): Map<string, Rect> {
  const rects = new Map<string, Rect>();
  for (const [key, { x, y, width, height }] of framesOf(doc))
    rects.set(key, { x, y, width, height });
  for (const [key, { x, y, width, height }] of notesOf(doc))
    rects.set(key, { x, y, width, height });
  for (const id of Object.keys(nodesOf(doc))) {
    const { x = 0, y = 0 } = placeOf(doc, id);
    const { width, height } = sizeOf(id);
    rects.set(id, { x, y, width, height });
  }
  return rects;
}

/** Whether the middle of one rectangle is on another. */
export function liesOn(inner: Rect, outer: Rect): boolean {
  const x = inner.x + inner.width / 2;
  const y = inner.y + inner.height / 2;
  const across = x >= outer.x && x <= outer.x + outer.width;
  return across && y >= outer.y && y <= outer.y + outer.height;
}

/** The least rectangle around some; undefined around none. */
export function boundsOf(rects: Iterable<Rect>): Rect | undefined {
  const all = [...rects];
  if (all.length === 0) return undefined;
  const x = Math.min(...all.map((rect) => rect.x));
  const y = Math.min(...all.map((rect) => rect.y));
  const right = Math.max(...all.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...all.map((rect) => rect.y + rect.height));
  return { x, y, width: right - x, height: bottom - y };
}
