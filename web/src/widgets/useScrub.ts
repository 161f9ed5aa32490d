/** Changing a number by dragging over its field; a press without a drag goes into the text. */

import { type PointerEvent as ReactPointerEvent, type RefObject, useRef } from "react";
import type { Figure } from "./arithmetic";

export interface ScrubOptions {
  /** Undefined where there is no number to begin from. */
  readonly from: Figure | undefined;
  /** `count` steps from where the drag began; Shift counts ten for one, Alt one for ten. */
  readonly move: (from: Figure, count: number) => void;
  readonly done: () => void;
}

const PIXELS_A_STEP = 4;
const LEAST = 4;

export function useScrub(field: RefObject<HTMLInputElement | null>, options: ScrubOptions) {
  const drag = useRef<{ x: number; from: Figure; going: boolean } | null>(null);
  const end = () => {
    const going = drag.current?.going;
    drag.current = null;
    if (going) options.done();
    return going === true;
  };
  return {
    onPointerDown: (event: ReactPointerEvent<HTMLInputElement>) => {
      const busy = document.activeElement === field.current;
      if (busy || options.from === undefined || event.button !== 0) return;
      drag.current = { x: event.clientX, from: options.from, going: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    // The focus comes when the press turns out not to be a drag.
    onMouseDown: (event: { preventDefault: () => void }) => {
      if (drag.current) event.preventDefault();
    },
    onPointerMove: (event: ReactPointerEvent<HTMLInputElement>) => {
      const now = drag.current;
      if (now === null) return;
      const way = event.clientX - now.x;
      if (!now.going && Math.abs(way) < LEAST) return;
      now.going = true;
      const pace = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
      options.move(now.from, Math.trunc(way / PIXELS_A_STEP) * pace);
    },
    onPointerUp: () => {
      if (drag.current === null || end()) return;
      field.current?.focus();
      field.current?.select();
    },
    onPointerCancel: () => void end(),
  };
}
