/** Frames and notes: where they are, what lies on a frame, and moving all of it. */

import { moveNodes, type Point, setLayout } from "../graph/edits";
import type { Frame, Note, Workflow } from "../graph/workflow";
import { nodesOf } from "../graph/workflow";

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

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

/** Whether the middle of one rectangle is on another. */
export function liesOn(inner: Rect, outer: Rect): boolean {
  const x = inner.x + inner.width / 2;
  const y = inner.y + inner.height / 2;
  const across = x >= outer.x && x <= outer.x + outer.width;
  return across && y >= outer.y && y <= outer.y + outer.height;
}

/** Nodes, frames and notes at new places. */
export function moveAll(doc: Workflow, places: ReadonlyMap<string, Point>): Workflow {
  const nodes = new Map([...places].filter(([id]) => id in nodesOf(doc)));
  const moved = nodes.size > 0 ? moveNodes(doc, nodes) : doc;
  const { $groups, $notes } = doc.layout ?? {};
  const frames = at($groups, places, (frame, place) => frameKey(doc, frame, place));
  const notes = at($notes, places, (note, place) => noteKey(doc, note, place));
  if (frames === $groups && notes === $notes) return moved;
  return setLayout(moved, { ...(frames && { $groups: frames }), ...(notes && { $notes: notes }) });
}

function at<T extends Point>(
  boxes: readonly T[] | undefined,
  places: ReadonlyMap<string, Point>,
  keyed: (box: T, place: number) => string,
): readonly T[] | undefined {
  const made = boxes?.map((box, place) => {
    const to = places.get(keyed(box, place));
    return to ? { ...box, x: to.x, y: to.y } : box;
  });
  return made?.some((box, place) => box !== boxes?.[place]) ? made : boxes;
}
