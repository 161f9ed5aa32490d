/** Places where nothing lies yet. */

import type { Rect } from "./boxes";
import type { Point } from "./edits";

/** Between what stands side by side. */
export const GAP = 30;

export function overlap(one: Rect, other: Rect, gap = 0): boolean {
  const across = one.x < other.x + other.width + gap && other.x < one.x + one.width + gap;
  return across && one.y < other.y + other.height + gap && other.y < one.y + one.height + gap;
}

/**
 * The corner nearest to the wanted one where a rectangle keeps the gap to all others: there, or
 * with a side along one of them. Under the lowest there is always one.
 */
export function freePlace(wanted: Rect, others: readonly Rect[], gap = GAP): Point {
  const isFree = (at: Point) => !others.some((one) => overlap({ ...wanted, ...at }, one, gap));
  if (isFree(wanted)) return { x: wanted.x, y: wanted.y };
  const beside = others.flatMap((one): Point[] => {
    const [left, right] = [one.x - gap - wanted.width, one.x + one.width + gap];
    const [above, below] = [one.y - gap - wanted.height, one.y + one.height + gap];
    const { x, y } = wanted;
    const straight = [
      { x: left, y },
      { x: right, y },
      { x, y: above },
      { x, y: below },
    ];
    return [...straight, { x: right, y: one.y }, { x: one.x, y: below }];
  });
  const far = ({ x, y }: Point) => Math.hypot(x - wanted.x, y - wanted.y);
  beside.sort((a, b) => far(a) - far(b));
  return beside.find(isFree) ?? { x: wanted.x, y: wanted.y };
}
