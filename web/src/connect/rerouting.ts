/** Points that a link goes through on its way. */

import type { Point } from "../graph/edits";
import { type Socket, sourceOf } from "../graph/fitting";
import { addPoint, edgeOf } from "../graph/links";
import { edit, openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { socketAt } from "./places";

/** Puts a point on a link, where it lies nearest between two of its stops. */
export function addPointTo(link: string, at: Point): void {
  const { catalogue } = useNodes.getState();
  const doc = openDoc();
  const edge = edgeOf(doc, link);
  const source = edge && catalogue && sourceOf(doc, catalogue, edge.target, edge.input);
  if (!edge || !catalogue || !source) return;
  const into: Socket = { node: edge.target, port: edge.input, out: false };
  const ends = [socketAt(doc, catalogue, source), socketAt(doc, catalogue, into)] as const;
  edit("connect.point", (open) => addPoint(open, link, at, ends));
}
