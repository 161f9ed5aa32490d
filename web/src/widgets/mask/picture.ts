/** The picture under a mask: what of it shows through is its alpha. */

import { decodePng, encodePng, type Pixels } from "./png";

/** Raises an error where it is not there or no picture. */
export async function loadPixels(url: string): Promise<Pixels> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.statusText || String(answer.status));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const type = answer.headers.get("Content-Type") ?? "";
  return (await decodePng(bytes)) ?? drawnPixels(new Blob([bytes], { type }));
}

async function drawnPixels(file: Blob): Promise<Pixels> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const context = contextOf(Object.assign(document.createElement("canvas"), { width, height }));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** Without transparency, so that one sees what is under the mask. */
export function drawOpaque(canvas: HTMLCanvasElement, { width, height, data }: Pixels): void {
  const shown = new ImageData(new Uint8ClampedArray(data), width, height);
  for (let at = 3; at < shown.data.length; at += 4) shown.data[at] = 255;
  contextOf(canvas).putImageData(shown, 0, 0);
}

/** Draws what is transparent in a picture as its mask, in a colour. */
export function drawMask(canvas: HTMLCanvasElement, pixels: Pixels, color: number[]): void {
  const { width, height, data } = pixels;
  const shown = new ImageData(width, height);
  const [red = 0, green = 0, blue = 0] = color;
  for (let at = 0; at < data.length; at += 4) {
    shown.data.set([red, green, blue, 255 - (data[at + 3] ?? 255)], at);
  }
  contextOf(canvas).putImageData(shown, 0, 0);
}

/** The picture with what is painted on the canvas as transparent: a mask of 1 is an alpha of 0. */
export function masked(pixels: Pixels, canvas: HTMLCanvasElement): Promise<Blob> {
  const { width, height } = pixels;
  const mask = contextOf(canvas).getImageData(0, 0, width, height).data;
  const data = new Uint8ClampedArray(pixels.data);
  for (let at = 3; at < data.length; at += 4) data[at] = 255 - (mask[at] ?? 0);
  return encodePng({ width, height, data });
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const found = canvas.getContext("2d", { willReadFrequently: true });
  if (found === null) throw new Error("this browser cannot draw");
  return found;
}
