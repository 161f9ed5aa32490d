/** Where the pointer was last, so that keys put things there. */

import { flowInstance } from "../canvas/view";
import type { Point } from "../graph/edits";

/** What floats over the canvas. */
const PANEL = ".react-flow__panel, .react-flow__minimap";

let last: { readonly point: Point; readonly inside: boolean } | null = null;

/** Returns the function that ends it. */
export function rememberPointer(): () => void {
  const remember = (event: PointerEvent) => {
    const inside = event.pointerType === "mouse" && event.target instanceof Element;
    const target = event.target as Element;
    last = {
      point: { x: event.clientX, y: event.clientY },
      inside: inside && target.closest(".react-flow") !== null && !target.closest(PANEL),
    };
  };
  window.addEventListener("pointermove", remember, { passive: true });
  return () => window.removeEventListener("pointermove", remember);
}

/** On the canvas, in its units; undefined while a mouse is not over it. */
export function pointerOnCanvas(): Point | undefined {
  const flow = flowInstance();
  if (!last?.inside || !flow) return undefined;
  return flow.screenToFlowPosition(last.point, { snapToGrid: false });
}
