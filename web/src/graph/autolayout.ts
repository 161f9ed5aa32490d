/** Places for nodes so that links run from left to right, by dagre. */

import { Graph, layout } from "@dagrejs/dagre";
import type { Point } from "./edits";
import type { Workflow } from "./workflow";
import { edgesOf } from "./workflow";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** New upper left corners for some nodes; the first of them stays about where it was. */
export function arranged(
  doc: Workflow,
  ids: readonly string[],
  sizeOf: (id: string) => Size,
  anchor: Point,
): Map<string, Point> {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 72 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(ids);
  for (const id of ids) graph.setNode(id, { ...sizeOf(id) });
  for (const edge of edgesOf(doc)) {
    if (known.has(edge.source) && known.has(edge.target)) graph.setEdge(edge.source, edge.target);
  }
  layout(graph);
  const corners = ids.map((id) => {
    const { x, y, width, height } = graph.node(id) as { x: number; y: number } & Size;
    return { id, x: x - width / 2, y: y - height / 2 };
  });
  const left = Math.min(...corners.map((corner) => corner.x));
  const top = Math.min(...corners.map((corner) => corner.y));
  return new Map(
    corners.map(({ id, x, y }) => [
      id,
      { x: Math.round(x - left + anchor.x), y: Math.round(y - top + anchor.y) },
    ]),
  );
}
