/** Moves the view while something is held at the edge of the canvas. */

import { flowInstance } from "../canvas/view";

const MARGIN = 36;
/** Pixels of the screen per frame at the very edge. */
const FASTEST = 14;

export class EdgePan {
  private frame = 0;
  private x = 0;
  private y = 0;

  constructor(
    private readonly canvas: Element,
    private readonly moved: () => void,
  ) {}

  follow({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): void {
    const { left, right, top, bottom } = this.canvas.getBoundingClientRect();
    this.x = pull(clientX - left) - pull(right - clientX);
    this.y = pull(clientY - top) - pull(bottom - clientY);
    if ((this.x !== 0 || this.y !== 0) && this.frame === 0) this.step();
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private step(): void {
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const flow = flowInstance();
      if (!flow || (this.x === 0 && this.y === 0)) return;
      const { x, y, zoom } = flow.getViewport();
      void flow.setViewport({ x: x + this.x * FASTEST, y: y + this.y * FASTEST, zoom });
      this.moved();
    });
  }
}

/** From 0 inside to 1 at the edge. */
function pull(distance: number): number {
  return Math.max(0, Math.min(1, (MARGIN - distance) / MARGIN));
}
