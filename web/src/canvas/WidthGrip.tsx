/** The right edge of a selected node: drawn out, the node gets wider. */

import { useReactFlow } from "@xyflow/react";
import { type PointerEvent, useRef } from "react";
import { setPlace } from "../graph/edits";
import { NODE_LEAST_WIDTH } from "../graph/metrics";
import { edit, seal } from "../store/documents";
import { useSettings } from "../store/settings";
import { GRID } from "./grid";

export function WidthGrip({ id, width }: { readonly id: string; readonly width: number }) {
  const flow = useReactFlow();
  const start = useRef<{ readonly x: number; readonly width: number } | null>(null);
  const take = (event: PointerEvent<HTMLDivElement>) => {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width };
  };
  const draw = (event: PointerEvent) => {
    if (start.current === null) return;
    const wide = start.current.width + (event.clientX - start.current.x) / flow.getZoom();
    resize(id, wide);
  };
  const leave = () => {
    if (start.current !== null) seal();
    start.current = null;
  };
  return (
    <div
      className="node-grip nodrag nopan"
      onPointerDown={take}
      onPointerMove={draw}
      onPointerUp={leave}
      onPointerCancel={leave}
    />
  );
}

function resize(id: string, wide: number): void {
  const step = useSettings.getState().snap ? GRID[0] : 1;
  const width = Math.max(NODE_LEAST_WIDTH, Math.round(wide / step) * step);
  edit("edit.resize", (doc) => setPlace(doc, id, { width }), { merge: `width ${id}` });
}
