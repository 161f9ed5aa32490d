/** Painting on a mask: strokes by pointer and by key, and taking them back. */

import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import type { Point } from "../../graph/edits";
import { contextOf, drawMask } from "./picture";
import type { Pixels } from "./png";
import { draw, MASK_COLOR, type Step } from "./strokes";

export interface Brush {
  readonly size: number;
  readonly erase: boolean;
}

const ARROWS: { readonly [key: string]: readonly [number, number] } = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function usePainting(pixels: Pixels, brush: Brush) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stroke = useRef<Point[] | null>(null);
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [cursor, setCursor] = useState<Point | null>(null);
  useEffect(() => {
    if (canvas.current) drawMask(canvas.current, pixels, MASK_COLOR);
  }, [pixels]);
  const act = (step: Step) => {
    if (canvas.current) draw(contextOf(canvas.current), step);
    setSteps((before) => [...before, step]);
  };
  const undo = () => {
    const rest = steps.slice(0, -1);
    if (canvas.current === null) return;
    drawMask(canvas.current, pixels, MASK_COLOR);
    for (const step of rest) draw(contextOf(canvas.current), step);
    setSteps(rest);
  };
  const line = (points: readonly Point[]): Step => ({ kind: "stroke", points, ...brush });
  const pointer = {
    onPointerDown: (event: PointerEvent<HTMLCanvasElement>) => {
      if (event.button !== 0 || !event.isPrimary) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const at = placeOf(event);
      stroke.current = [at];
      draw(contextOf(event.currentTarget), line([at]));
    },
    onPointerMove: (event: PointerEvent<HTMLCanvasElement>) => {
      const at = placeOf(event);
      setCursor(at);
      const last = stroke.current?.at(-1);
      if (stroke.current === null || last === undefined || !event.isPrimary) return;
      stroke.current.push(at);
      draw(contextOf(event.currentTarget), line([last, at]));
    },
    onPointerUp: () => {
      const points = stroke.current;
      stroke.current = null;
      if (points) setSteps((before) => [...before, line(points)]);
    },
    onPointerLeave: () => setCursor(null),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = cursor ?? { x: pixels.width / 2, y: pixels.height / 2 };
    const way = ARROWS[event.key];
    if (way) {
      const by = Math.max(1, brush.size / 4);
      const to = {
        x: Math.min(Math.max(from.x + way[0] * by, 0), pixels.width),
        y: Math.min(Math.max(from.y + way[1] * by, 0), pixels.height),
      };
      setCursor(to);
      if (event.shiftKey) act(line([from, to]));
    } else if (event.key === " ") {
      setCursor(from);
      act(line([from]));
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { canvas, steps, cursor, act, undo, onKeyDown, events: pointer };
}

/** In pixels of the picture. */
function placeOf(event: PointerEvent<HTMLCanvasElement>): Point {
  const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
  const { clientX, clientY, currentTarget } = event;
  return {
    x: ((clientX - left) / width) * currentTarget.width,
    y: ((clientY - top) / height) * currentTarget.height,
  };
}
