/** Which node is next to which: along links, or by where they stand. */

import type { Point } from "./edits";
import type { Workflow } from "./workflow";
import { edgesOf } from "./workflow";

export type Direction = "left" | "right" | "up" | "down";

export type Middles = ReadonlyMap<string, Point>;

/** The node to go to; undefined where there is none that way. */
export function neighbour(
  doc: Workflow,
  middles: Middles,
  id: string,
  way: Direction,
): string | undefined {
  const along = linked(doc, id, way).filter((one) => one !== id && middles.has(one));
  return nearest(middles, id, along) ?? beside(middles, id, way);
}

/** Left are the nodes that feed it, right are those that it feeds. */
function linked(doc: Workflow, id: string, way: Direction): string[] {
  if (way === "up" || way === "down") return [];
  const edges = edgesOf(doc);
  return way === "left"
    ? edges.filter((edge) => edge.target === id).map((edge) => edge.source)
    : edges.filter((edge) => edge.source === id).map((edge) => edge.target);
}

function nearest(middles: Middles, id: string, among: readonly string[]): string | undefined {
  const from = middles.get(id);
  if (from === undefined) return undefined;
  const far = (one: string) => {
    const to = middles.get(one) ?? from;
    return Math.hypot(to.x - from.x, to.y - from.y);
  };
  return [...among].sort((a, b) => far(a) - far(b))[0];
}

/** The nearest that way; what stands aside counts as further off. */
function beside(middles: Middles, id: string, way: Direction): string | undefined {
  const from = middles.get(id);
  if (from === undefined) return undefined;
  let best: { id: string; far: number } | undefined;
  for (const [other, to] of middles) {
    const [along, across] = parts(from, to, way);
    const far = along + 2 * across;
    if (other === id || along <= 0 || across > 2 * along) continue;
    if (best === undefined || far < best.far) best = { id: other, far };
  }
  return best?.id;
}

function parts(from: Point, to: Point, way: Direction): [number, number] {
  const [x, y] = [to.x - from.x, to.y - from.y];
  if (way === "left") return [-x, Math.abs(y)];
  if (way === "right") return [x, Math.abs(y)];
  return way === "up" ? [-y, Math.abs(x)] : [y, Math.abs(x)];
}

const COLUMN = 120;

/** All nodes as a reader goes through them: column by column, from the top. */
export function readingOrder(middles: Middles): string[] {
  const column = ({ x }: Point) => Math.floor(x / COLUMN);
  const all = [...middles].sort(([, a], [, b]) => column(a) - column(b) || a.y - b.y);
  return all.map(([id]) => id);
}

/** The node nearest to a point. */
export function nearestTo(middles: Middles, at: Point): string | undefined {
  const far = (to: Point) => Math.hypot(to.x - at.x, to.y - at.y);
  return [...middles].sort(([, a], [, b]) => far(a) - far(b))[0]?.[0];
}
