/** The lower right corner of a selected frame or note: drawn out, it gets larger. */

import { useReactFlow } from "@xyflow/react";
import { type PointerEvent, useRef } from "react";
import { GRID } from "../canvas/grid";
import { seal } from "../store/documents";
import { useSettings } from "../store/settings";
import { setBoxSize } from "./looks";

interface BoxGripProps {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export function BoxGrip({ id, width, height }: BoxGripProps) {
  const flow = useReactFlow();
  const start = useRef<{ x: number; y: number; width: number; height: number } | null>(null);
  const take = (event: PointerEvent<HTMLDivElement>) => {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, y: event.clientY, width, height };
  };
  const draw = (event: PointerEvent) => {
    if (start.current === null) return;
    const zoom = flow.getZoom();
    const { x, y, ...from } = start.current;
    const wide = rounded(from.width + (event.clientX - x) / zoom);
    setBoxSize(id, wide, rounded(from.height + (event.clientY - y) / zoom));
  };
  const leave = () => {
    if (start.current !== null) seal();
    start.current = null;
  };
  return (
    <div
      className="editing-grip nodrag nopan"
      onPointerDown={take}
      onPointerMove={draw}
      onPointerUp={leave}
      onPointerCancel={leave}
    />
  );
}

function rounded(size: number): number {
  const step = useSettings.getState().snap ? GRID[0] : 1;
  return Math.round(size / step) * step;
}
