/** What is done to a mask, step by step: undone by doing all but the last again. */

import type { Point } from "../../graph/edits";

export type Step =
  | {
      readonly kind: "stroke";
      readonly points: readonly Point[];
      readonly size: number;
      readonly erase: boolean;
    }
  | { readonly kind: "invert" }
  | { readonly kind: "clear" };

export const MASK_COLOR = [255, 61, 129];

export function draw(context: CanvasRenderingContext2D, step: Step): void {
  const { width, height } = context.canvas;
  context.save();
  const color = `rgb(${MASK_COLOR.join(" ")})`;
  context.fillStyle = color;
  if (step.kind === "clear") context.clearRect(0, 0, width, height);
  else if (step.kind === "invert") {
    context.globalCompositeOperation = "xor";
    context.fillRect(0, 0, width, height);
  } else {
    context.globalCompositeOperation = step.erase ? "destination-out" : "source-over";
    context.strokeStyle = color;
    context.lineWidth = step.size;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.beginPath();
    const [first, ...rest] = step.points;
    if (first) context.moveTo(first.x, first.y);
    // A stroke of one point is a dab: the line to where it is already.
    for (const { x, y } of rest.length > 0 ? rest : step.points) context.lineTo(x, y);
    context.stroke();
  }
  context.restore();
}
