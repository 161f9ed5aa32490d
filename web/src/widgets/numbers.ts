/** Numbers of number fields: reading, writing, stepping, and where a slider is of use. */

import type { Widget } from "../graph/schema";
import type { Json } from "../graph/workflow";
import { evaluate, type Figure, plain } from "./arithmetic";

const FINE = 0.01;
/** A slider has no more places than a hand can find. */
const MOST_PLACES = 200;

export function isFigure(value: Json | undefined): value is Figure {
  return typeof value === "number" || typeof value === "bigint";
}

export function isWhole(value: Figure): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

/** Whether the widget takes whole numbers only. */
export function takesWhole(widget: Widget): boolean {
  return widget.kind === "int" || widget.kind === "seed" || widget.kind === "int_list";
}

export function showFigure(value: Json | undefined): string {
  return isFigure(value) ? String(value) : "";
}

/** What was typed, as a number of the widget's kind: `2.0` is whole; `2.5` is no whole number. */
export function readFigure(text: string, widget: Widget): Figure | undefined {
  const found = evaluate(text);
  if (found === undefined) return undefined;
  if (takesWhole(widget) && !isWhole(found)) return undefined;
  return !takesWhole(widget) && typeof found === "bigint" ? Number(found) : found;
}

/** Whether a text is a number as it stands, rather than a sum that is still being typed. */
export function isPlainFigure(text: string): boolean {
  return /^\s*-?(\d+([.,]\d+)?|[.,]\d+)\s*$/.test(text);
}

/** The increment of arrows and of dragging. */
export function stepOf(widget: Widget): number {
  if (widget.step !== undefined && widget.step > 0) return widget.step;
  return takesWhole(widget) ? 1 : FINE;
}

/** The nearest number within the range. */
export function clamped(value: Figure, { min, max }: Widget): Figure {
  if (min !== undefined && value < min) return min;
  if (max !== undefined && value > max) return max;
  return value;
}

/** `count` steps on from a value, within the range. A tenth of a whole step is a whole step. */
export function stepped(value: Figure, count: number, widget: Widget): Figure {
  const step = stepOf(widget);
  if (takesWhole(widget)) {
    const whole = count === 0 ? 0 : Math.sign(count) * Math.max(1, Math.round(Math.abs(count)));
    const by = Math.round(whole * Math.max(1, step));
    const from = typeof value === "number" ? Math.round(value) : value;
    return clamped(plain(BigInt(from) + BigInt(by)), widget);
  }
  const from = Number(value);
  const places = Math.min(Math.max(decimals(step * count), decimals(from)), 12);
  return clamped(Number((from + step * count).toFixed(places)), widget);
}

export interface Slide {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** Undefined where the range is open, or too wide for a slider. */
export function slideOf(widget: Widget): Slide | undefined {
  const { min, max } = widget;
  // Limits that no double holds come as bigint.
  if (typeof min !== "number" || typeof max !== "number" || max <= min) return undefined;
  const step = stepOf(widget);
  return (max - min) / step <= MOST_PLACES + FINE ? { min, max, step } : undefined;
}

function decimals(value: number): number {
  const [digits = "", power = "0"] = String(Number(value.toPrecision(12))).split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(power));
}
