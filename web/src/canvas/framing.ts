/** Which part of the canvas a view shows: everything, or what can be read of it. */

import type { Viewport } from "@xyflow/react";
import { boundsOf, type Rect } from "../graph/boxes";

const MARGIN = 40;
const MAX_FIT = 1;
export const MIN_ZOOM = 0.05;
export const MAX_ZOOM = 3;

/** Screens narrower than this are those of phones. */
const PHONE = 720;
const PHONE_MARGIN = 16;
/** Where widgets can be read and touched. */
const READABLE = 0.75;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The view with a rectangle whole and in the middle, never larger than life. */
export function wholeView(bounds: Rect, size: Size): Viewport {
  const wide = (size.width - 2 * MARGIN) / bounds.width;
  const high = (size.height - 2 * MARGIN) / bounds.height;
  const zoom = Math.max(MIN_ZOOM, Math.min(wide, high, MAX_FIT));
  const x = size.width / 2 - (bounds.x + bounds.width / 2) * zoom;
  const y = size.height / 2 - (bounds.y + bounds.height / 2) * zoom;
  return { x, y, zoom };
}

/**
 * The first view of some rectangles: whole where that can be read or the screen is large. On a
 * phone otherwise those that run, or the one furthest left, across the screen from above.
 */
export function firstView(all: readonly Rect[], running: readonly Rect[], size: Size): Viewport {
  const whole = wholeView(boundsOf(all) ?? { x: 0, y: 0, width: 1, height: 1 }, size);
  const first = boundsOf(running.length > 0 ? running : all.toSorted(byColumn).slice(0, 1));
  if (size.width > PHONE || whole.zoom >= READABLE || first === undefined) return whole;
  const across = (size.width - 2 * PHONE_MARGIN) / first.width;
  const zoom = Math.min(MAX_FIT, Math.max(READABLE, across));
  return { x: PHONE_MARGIN - first.x * zoom, y: PHONE_MARGIN - first.y * zoom, zoom };
}

function byColumn(one: Rect, other: Rect): number {
  return one.x - other.x || one.y - other.y;
}
