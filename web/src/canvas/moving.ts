/** Pictures that move with the canvas: shifted and stretched meanwhile, painted anew when it rests. */

import type { useStoreApi } from "@xyflow/react";
import type { AnyNode } from "./flow";

export type FlowStore = ReturnType<typeof useStoreApi<AnyNode>>;

/** As React Flow has it: a point p of the canvas is seen at `x + p * zoom`. */
export type Transform = readonly [x: number, y: number, zoom: number];

/** How long nothing has moved before it rests. */
const REST_MS = 140;

/** How far a picture is stretched or shrunk before it looks too coarse. */
const STRETCH = 2;

/** Calls `move` whenever the view has moved, and `rest` once it stays. */
export function followMoves(store: FlowStore, move: () => void, rest: () => void): () => void {
  let waiting = 0;
  const end = store.subscribe((now, before) => {
    if (now.transform === before.transform) return;
    move();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(rest, REST_MS);
  });
  return () => {
    end();
    window.clearTimeout(waiting);
  };
}

export interface Picture {
  readonly element: () => HTMLElement | null;
  /** The view it would be painted for now. */
  readonly view: () => Transform;
  /** Paints it; where it is `moving`, with what is likely to come into sight. Returns the view. */
  readonly paint: (moving: boolean) => Transform;
  /** Called when it was laid; says whether it shows all there is to see. */
  readonly suffices: (at: Transform) => boolean;
}

/** Paints a picture and keeps it where it belongs; `again` paints it anew, once a frame at most. */
export function keepPicture(store: FlowStore, picture: Picture) {
  let waiting = 0;
  let painted: Transform | null = null;
  const place = () => {
    if (painted === null) return true;
    const view = picture.view();
    const at = laid(painted, view);
    const style = picture.element()?.style;
    if (style) style.transform = asCss(at);
    return picture.suffices(at) && !isTooCoarse(painted[2], view[2]);
  };
  const again = (moving = false) => {
    if (waiting !== 0) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      painted = picture.paint(moving);
      place();
    });
  };
  const rest = () => {
    if (painted !== null && painted[2] !== picture.view()[2]) again();
  };
  again();
  const end = followMoves(store, () => place() || again(true), rest);
  const stop = () => {
    end();
    cancelAnimationFrame(waiting);
  };
  return { again, stop };
}

/** Where the corner of a picture that was painted for one view lies in another, and how large. */
export function laid(painted: Transform, now: Transform): Transform {
  const scale = now[2] / painted[2];
  return [now[0] - painted[0] * scale, now[1] - painted[1] * scale, scale];
}

/** The same as CSS, for an element whose `transform-origin` is its corner. */
export function asCss([x, y, scale]: Transform): string {
  return `translate(${x}px, ${y}px) scale(${scale})`;
}

export function isTooCoarse(painted: number, now: number): boolean {
  return now > painted * STRETCH || now * STRETCH < painted;
}

/** Whether a picture, laid so, covers what is seen. */
export function covers(
  [x, y, scale]: Transform,
  picture: { readonly width: number; readonly height: number },
  seen: { readonly width: number; readonly height: number },
): boolean {
  const across = x <= 0 && x + picture.width * scale >= seen.width;
  return across && y <= 0 && y + picture.height * scale >= seen.height;
}

/** A canvas that was drawn on is handed to the screen with each frame; a bitmap only once. */
export function show(canvas: HTMLCanvasElement, sheet: OffscreenCanvas): void {
  const { width, height } = sheet;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(sheet.transferToImageBitmap());
}
