/** Zooming a frame by wheel, fingers, double click and keys; moving it by dragging. */

import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import { movedBy, type Spot, WHOLE, type Zoom, zoomedAt } from "./zoom";

const STEP = 1.25;
const CLOSE = 4;
const WHEEL = 0.0016;

export interface ZoomHandle {
  readonly zoom: Zoom;
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly step: (into: boolean) => void;
  readonly whole: () => void;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerCancel: (event: PointerEvent) => void;
    readonly onDoubleClick: (event: { clientX: number; clientY: number }) => void;
  };
}

export function useZoom(): ZoomHandle {
  const [zoom, setZoom] = useState(WHOLE);
  const frame = useRef<HTMLDivElement>(null);
  const pointers = useRef(new Map<number, Spot>());
  useWheel(frame, setZoom);
  const moved = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    const box = frame.current?.getBoundingClientRect();
    if (before === undefined || box === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    const by = { x: now.x - before.x, y: now.y - before.y };
    if (other === undefined) return setZoom((zoomed) => movedBy(zoomed, by, box));
    const factor = distance(now, other) / Math.max(distance(before, other), 1);
    const middle = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 };
    setZoom((zoomed) => zoomedAt(zoomed, factor, spotIn(box, middle)));
  };
  const up = (event: PointerEvent) => void pointers.current.delete(event.pointerId);
  return {
    zoom,
    frame,
    step: (into) => setZoom((now) => zoomedAt(now, into ? STEP : 1 / STEP, { x: 0, y: 0 })),
    whole: () => setZoom(WHOLE),
    handlers: {
      onPointerDown: (event) => {
        pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove: moved,
      onPointerUp: up,
      onPointerCancel: up,
      onDoubleClick: (event) => {
        const box = frame.current?.getBoundingClientRect();
        if (box === undefined) return;
        setZoom((now) => (now.scale > 1 ? WHOLE : zoomedAt(now, CLOSE, spotIn(box, event))));
      },
    },
  };
}

/** React listens to wheels passively, so that the page would scroll or zoom as well. */
function useWheel(
  frame: RefObject<HTMLDivElement | null>,
  setZoom: (change: (now: Zoom) => Zoom) => void,
): void {
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const factor = Math.exp(-event.deltaY * lines * WHEEL);
      const spot = spotIn(element.getBoundingClientRect(), event);
      setZoom((now) => zoomedAt(now, factor, spot));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [frame, setZoom]);
}

function spotIn(box: DOMRect, at: { clientX: number; clientY: number }): Spot {
  return { x: at.clientX - box.left - box.width / 2, y: at.clientY - box.top - box.height / 2 };
}

function distance(a: Spot, b: Spot): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
