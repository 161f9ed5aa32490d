/** Lining things up: at an edge, at their middles, or with equal gaps. */

import type { Rect } from "./boxes";
import { boundsOf } from "./boxes";
import type { Point } from "./edits";

export const EDGES = ["left", "center", "right", "top", "middle", "bottom"] as const;
export type AlignEdge = (typeof EDGES)[number];

/** New upper left corners of things that are to be in line. */
export function aligned(rects: ReadonlyMap<string, Rect>, edge: AlignEdge): Map<string, Point> {
  const all = boundsOf(rects.values());
  if (all === undefined) return new Map();
  const right = all.x + all.width;
  const bottom = all.y + all.height;
  const places: { [E in AlignEdge]: (rect: Rect) => Partial<Point> } = {
    left: () => ({ x: all.x }),
    center: ({ width }) => ({ x: Math.round(all.x + (all.width - width) / 2) }),
    right: ({ width }) => ({ x: right - width }),
    top: () => ({ y: all.y }),
    middle: ({ height }) => ({ y: Math.round(all.y + (all.height - height) / 2) }),
    bottom: ({ height }) => ({ y: bottom - height }),
  };
  return mapped(rects, (rect) => ({ x: rect.x, y: rect.y, ...places[edge](rect) }));
}

/** Equal gaps between things; the first and the last stay where they are. */
export function distributed(rects: ReadonlyMap<string, Rect>, axis: "x" | "y"): Map<string, Point> {
  const length = axis === "x" ? "width" : "height";
  const order = [...rects].sort(([, a], [, b]) => a[axis] - b[axis]);
  const first = order[0]?.[1];
  const last = order.at(-1)?.[1];
  if (first === undefined || last === undefined || order.length < 3) return new Map();
  const filled = order.slice(0, -1).reduce((sum, [, rect]) => sum + rect[length], 0);
  const gap = (last[axis] - first[axis] - filled) / (order.length - 1);
  const places = new Map<string, Point>();
  let at = first[axis];
  for (const [id, rect] of order) {
    places.set(id, { x: rect.x, y: rect.y, [axis]: Math.round(at) || 0 }); // not -0
    at += rect[length] + gap;
  }
  return places;
}

function mapped(rects: ReadonlyMap<string, Rect>, place: (rect: Rect) => Point) {
  return new Map([...rects].map(([id, rect]) => [id, place(rect)]));
}
