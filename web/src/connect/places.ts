/** Where sockets and links are on the canvas. */

import { flowInstance } from "../canvas/view";
import type { Point } from "../graph/edits";
import type { Socket } from "../graph/fitting";
import { rowsOf } from "../graph/metrics";
import { portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import type { Workflow } from "../graph/workflow";
import { placeOf } from "../graph/workflow";

/** The middle of a socket, in canvas units. */
export function socketAt(doc: Workflow, catalogue: Catalogue, socket: Socket): Point {
  const place = placeOf(doc, socket.node);
  const { x = 0, y = 0 } = place;
  const rows = rowsOf(portsOf(doc, socket.node, catalogue), place, false);
  const row = socket.out
    ? rows.sockets.find(({ output }) => output?.name === socket.port)
    : [...rows.sockets, ...rows.widgets].find(({ input }) => input?.name === socket.port);
  return { x: socket.out ? x + rows.width : x, y: y + (row?.y ?? 0) };
}

/** Where something on the screen lies on the canvas. */
export function canvasPoint(screen: Point): Point {
  const flow = flowInstance();
  return flow ? flow.screenToFlowPosition(screen, { snapToGrid: false }) : screen;
}

export function zoom(): number {
  return flowInstance()?.getZoom() ?? 1;
}

export interface DrawnLink {
  readonly id: string;
  readonly line: readonly Point[];
  readonly element: Element;
}

/** The links in sight, as lines of straight pieces in canvas units. */
export function drawnLinks(canvas: Element): DrawnLink[] {
  return [...canvas.querySelectorAll(".react-flow__edge")].flatMap((element) => {
    const path = element.querySelector<SVGPathElement>("path.react-flow__edge-path");
    const id = element.getAttribute("data-id");
    return path && id ? [{ id, line: lineOf(path), element }] : [];
  });
}

const PIECES = 24;

function lineOf(path: SVGPathElement): Point[] {
  const length = path.getTotalLength();
  return Array.from({ length: PIECES + 1 }, (_, n) => {
    const { x, y } = path.getPointAtLength((length * n) / PIECES);
    return { x, y };
  });
}
