/**
 * How a node is laid out: rows of fixed heights, so that its size and its sockets' places are
 * known without drawing it. `canvas/node.css` uses the same figures.
 */

import type { Ports } from "./ports";
import type { InputSchema, OutputSchema, Widget } from "./schema";
import type { Place } from "./workflow";

export const NODE_WIDTH = 260;
export const NODE_LEAST_WIDTH = 160;
export const HEADER = 34;
export const ROW = 26;
export const WIDGET_ROW = 32;
export const RESULT = 200;
const PADDING = 8;

/** Widgets that take one row, by kind. */
const FLAT = new Set(["int", "float", "text", "bool", "choice", "model", "file", "seed", "secret"]);
const TEXT_AREA = 104;
const PICTURE = 156;
/** Lists, JSON, and kinds that nobody knows yet: an area to write in. */
const AREA = 76;

export interface SocketRow {
  readonly input?: InputSchema;
  readonly output?: OutputSchema;
  /** From the top of the node to the middle of the row. */
  readonly y: number;
}

export interface WidgetRow {
  readonly input: InputSchema;
  readonly widget: Widget;
  /** From the top of the node to the middle of the first line, where its socket is. */
  readonly y: number;
  readonly top: number;
  readonly height: number;
}

export interface Rows {
  readonly sockets: readonly SocketRow[];
  readonly widgets: readonly WidgetRow[];
  readonly width: number;
  readonly height: number;
}

/** Where everything of a node is; `result` is whether a picture is shown at its bottom. */
export function rowsOf(ports: Ports, place: Place, result: boolean): Rows {
  const width = Math.max(place.width ?? NODE_WIDTH, NODE_LEAST_WIDTH);
  if (place.collapsed) return collapsed(ports, width);
  const asSocket = new Set(place.sockets ?? []);
  const isSocket = (input: InputSchema) => input.widget === undefined || asSocket.has(input.name);
  const inputs = ports.inputs.filter(isSocket);
  const count = Math.max(inputs.length, ports.outputs.length);
  const sockets = Array.from({ length: count }, (_, row): SocketRow => {
    const y = HEADER + row * ROW + ROW / 2;
    return { input: inputs[row], output: ports.outputs[row], y };
  });
  let top = HEADER + count * ROW + (count > 0 ? 4 : 0);
  const widgets: WidgetRow[] = [];
  for (const input of ports.inputs) {
    if (isSocket(input) || input.widget === undefined) continue;
    const height = heightOf(input.widget, input.name);
    widgets.push({ input, widget: input.widget, y: top + WIDGET_ROW / 2, top, height });
    top += height;
  }
  const least = top + PADDING + (result ? RESULT : 0);
  return { sockets, widgets, width, height: Math.max(least, place.height ?? 0) };
}

export function heightOf({ kind, multiline, accept }: Widget, name = ""): number {
  if (kind === "text" && multiline) return TEXT_AREA;
  if (kind === "file" && accept === "image") return PICTURE;
  // A body opens in the canvas; other workflows are written as JSON.
  if (kind === "workflow") return name === "body" ? WIDGET_ROW : AREA;
  return FLAT.has(kind) ? WIDGET_ROW : AREA;
}

/** All sockets in the middle of the title, so that links still lead somewhere. */
function collapsed(ports: Ports, width: number): Rows {
  const y = HEADER / 2;
  const sockets: SocketRow[] = [
    ...ports.inputs.map((input) => ({ input, y })),
    ...ports.outputs.map((output) => ({ output, y })),
  ];
  return { sockets, widgets: [], width, height: HEADER };
}
