/** Frames around nodes: drawn around a selection, fitted to what they hold, taken away. */

import {
  boundsOf,
  changeFrames,
  framesOf,
  freshBoxes,
  liesOn,
  type Rect,
  rectsOf,
  type SizeOf,
} from "./boxes";
import { setLayout } from "./edits";
import { removed } from "./removing";
import type { Frame, Workflow } from "./workflow";
import { framesIn } from "./workflow";

export const FRAME_HEAD = 34;
export const FRAME_LEAST = { width: 120, height: 80 };
const PADDING = 20;

export interface Made {
  readonly doc: Workflow;
  /** Of what was made. */
  readonly id: string;
}

/** A frame around what is picked, or undefined if that is nothing. */
export function framed(
  doc: Workflow,
  picked: ReadonlySet<string>,
  title: string,
  sizeOf: SizeOf,
): Made | undefined {
  const rects = rectsOf(doc, sizeOf);
  const around = boundsOf([...picked].flatMap((key) => rects.get(key) ?? []));
  return around && withFrame(doc, padded(around), title);
}

export function withFrame(doc: Workflow, rect: Rect, title: string): Made {
  const frame: Frame = { id: freshBoxes(doc)("frame"), ...rect, title };
  return {
    doc: setLayout(doc, { $groups: [...framesIn(doc), frame] }),
    id: frame.id,
  };
}

/** What lies on some frames: nodes, notes, and frames that are smaller. */
export function contentsOf(
  doc: Workflow,
  frames: ReadonlySet<string>,
  sizeOf: SizeOf,
): Set<string> {
  const rects = rectsOf(doc, sizeOf);
  const known = framesOf(doc);
  const found = new Set<string>();
  for (const key of frames) {
    const outer = known.get(key);
    if (outer === undefined) continue;
    for (const [inner, rect] of rects) {
      if (inner === key || !liesOn(rect, outer)) continue;
      if (!known.has(inner) || areaOf(rect) < areaOf(outer)) found.add(inner);
    }
  }
  return found;
}

/** The picked things, and what lies on the frames among them. */
export function withContents(
  doc: Workflow,
  picked: ReadonlySet<string>,
  sizeOf: SizeOf,
): Set<string> {
  return new Set([...picked, ...contentsOf(doc, picked, sizeOf)]);
}

/** Frames just around what they hold; those that hold nothing stay as they are. */
export function fitted(doc: Workflow, frames: ReadonlySet<string>, sizeOf: SizeOf): Workflow {
  const rects = rectsOf(doc, sizeOf);
  let made = doc;
  for (const key of frames) {
    const held = contentsOf(doc, new Set([key]), sizeOf);
    const around = boundsOf([...held].flatMap((inner) => rects.get(inner) ?? []));
    if (around) made = changeFrames(made, new Set([key]), (one) => ({ ...one, ...padded(around) }));
  }
  return made;
}

/** Without some frames and all that lies on them. */
export function removedWithContents(
  doc: Workflow,
  frames: ReadonlySet<string>,
  sizeOf: SizeOf,
): Workflow {
  return removed(doc, withContents(doc, frames, sizeOf));
}

/** With room for the title. */
export function padded({ x, y, width, height }: Rect): Rect {
  return {
    x: x - PADDING,
    y: y - PADDING - FRAME_HEAD,
    width: Math.max(width + 2 * PADDING, FRAME_LEAST.width),
    height: Math.max(height + 2 * PADDING + FRAME_HEAD, FRAME_LEAST.height),
  };
}

function areaOf({ width, height }: Rect): number {
  return width * height;
}
