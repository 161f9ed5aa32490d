/** Pieces of a graph that nothing links, put side by side on about a screen. */

import { boundsOf, type Rect } from "./boxes";
import type { Point } from "./edits";

/** Width to height of what is seen at once. */
const SCREEN = 1.6;
const GAP = 60;

/** Which things hang together: groups of names, in the order of their first. */
export function piecesOf(
  names: readonly string[],
  ties: Iterable<readonly [string, string]>,
): string[][] {
  const up = new Map(names.map((name) => [name, name]));
  const root = (name: string): string => {
    let at = name;
    for (let next = up.get(at); next !== undefined && next !== at; next = up.get(at)) {
      up.set(at, up.get(next) ?? next);
      at = next;
    }
    return at;
  };
  for (const [one, other] of ties) up.set(root(other), root(one));
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = root(name);
    const group = groups.get(key);
    if (group) group.push(name);
    else groups.set(key, [name]);
  }
  return [...groups.values()];
}

/**
 * Corners where the pieces keep their form and stand in rows, the tallest first. `margin` is what
 * is kept free around each besides, such as for the edge of a frame.
 */
export function packed(
  pieces: readonly (readonly string[])[],
  rects: ReadonlyMap<string, Rect>,
  margin = 0,
): Map<string, Point> {
  const whole = pieces.flatMap((names) => {
    const bounds = boundsOf(names.flatMap((name) => rects.get(name) ?? []));
    return bounds ? [{ names, bounds }] : [];
  });
  whole.sort((a, b) => b.bounds.height - a.bounds.height);
  const gap = GAP + margin;
  const area = whole.reduce((sum, { bounds: b }) => sum + (b.width + gap) * (b.height + gap), 0);
  const width = Math.max(Math.sqrt(area * SCREEN), ...whole.map(({ bounds }) => bounds.width));
  const places = new Map<string, Point>();
  let [x, y, tall] = [0, 0, 0];
  for (const { names, bounds } of whole) {
    if (x > 0 && x + bounds.width > width) [x, y, tall] = [0, y + tall + gap, 0];
    for (const name of names) {
      const rect = rects.get(name);
      if (rect) places.set(name, { x: rect.x - bounds.x + x, y: rect.y - bounds.y + y });
    }
    x += bounds.width + gap;
    tall = Math.max(tall, bounds.height);
  }
  return places;
}
