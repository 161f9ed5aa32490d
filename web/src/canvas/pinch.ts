/**
 * Two fingers zoom and move the view wherever they are put down. React Flow sees to that on the
 * empty canvas only, and on a phone nodes may fill the screen.
 */

import type { Viewport } from "@xyflow/react";
import { MAX_ZOOM, MIN_ZOOM } from "./framing";

/** Two fingers: the middle between them and how far apart they are, in pixels of the canvas. */
export interface Span {
  readonly x: number;
  readonly y: number;
  readonly apart: number;
}

interface View {
  getViewport(): Viewport;
  setViewport(view: Viewport): unknown;
}

/** The view after the fingers went from one span to another: what was between them still is. */
export function pinched(view: Viewport, from: Span, to: Span): Viewport {
  const wanted = (view.zoom * to.apart) / from.apart;
  const zoom = Math.max(MIN_ZOOM, Math.min(wanted, MAX_ZOOM));
  const x = to.x - ((from.x - view.x) / view.zoom) * zoom;
  const y = to.y - ((from.y - view.y) / view.zoom) * zoom;
  return { x, y, zoom };
}

/** Follows the fingers on a canvas; returns the function that ends it. */
export function followPinch(canvas: HTMLElement, flow: View): () => void {
  const stop = new AbortController();
  const options = { capture: true, passive: false, signal: stop.signal };
  let held: { readonly span: Span; readonly view: Viewport } | null = null;
  const hold = (event: TouchEvent) => {
    if (event.touches.length < 2) return;
    taken(event);
    held = { span: spanOf(canvas, event.touches), view: flow.getViewport() };
  };
  const move = (event: TouchEvent) => {
    if (held === null) return;
    // The finger that is lifted last does not drag on what the pinch has left.
    taken(event);
    if (event.touches.length < 2) return;
    flow.setViewport(pinched(held.view, held.span, spanOf(canvas, event.touches)));
  };
  const lift = (event: TouchEvent) => {
    if (event.touches.length === 0) held = null;
    else if (held !== null) hold(event);
  };
  canvas.addEventListener("touchstart", hold, options);
  canvas.addEventListener("touchmove", move, options);
  canvas.addEventListener("touchend", lift, { capture: true, signal: stop.signal });
  canvas.addEventListener("touchcancel", lift, { capture: true, signal: stop.signal });
  return () => stop.abort();
}

/** Neither React Flow nor the browser's own zoom shall answer. */
function taken(event: TouchEvent): void {
  if (event.cancelable) event.preventDefault();
  event.stopPropagation();
}

function spanOf(canvas: HTMLElement, [one, other]: TouchList): Span {
  const { left, top } = canvas.getBoundingClientRect();
  const [a, b] = [one as Touch, other as Touch];
  const x = (a.clientX + b.clientX) / 2 - left;
  const y = (a.clientY + b.clientY) / 2 - top;
  const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  return { x, y, apart: Math.max(apart, 1) };
}
