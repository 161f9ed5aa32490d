/** Moves the canvas to what was jumped to, and puts the focus there. */

import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { extendCanvas } from "../canvas/extensions";
import { useJump } from "./jump";

const PATIENCE_MS = 1500;
const LEAST_ZOOM = 0.8;
const MOST_ZOOM = 1.2;

function JumpTarget() {
  const jump = useJump((state) => state.jump);
  const flow = useReactFlow();
  useEffect(() => {
    if (jump === null) return;
    const until = performance.now() + PATIENCE_MS;
    let frame = 0;
    let moved = false;
    const look = () => {
      const node = flow.getNode(jump.node);
      if (node && !moved) {
        moved = true;
        const { x, y } = node.position;
        const zoom = Math.min(Math.max(flow.getZoom(), LEAST_ZOOM), MOST_ZOOM);
        const middle = { x: x + (node.width ?? 0) / 2, y: y + (node.height ?? 0) / 2 };
        void flow.setCenter(middle.x, middle.y, { zoom });
      }
      const late = performance.now() >= until;
      if (moved && focus(jump.node, late ? null : jump.field)) return;
      if (!late) frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [jump, flow]);
  return null;
}

/** Whether it is drawn already: a node seen from afar has no fields. */
function focus(node: string, field: string | null): boolean {
  const drawn = document.querySelector(`.react-flow [data-node="${CSS.escape(node)}"]`);
  if (drawn === null) return false;
  if (field === null) {
    drawn.closest<HTMLElement>(".react-flow__node")?.focus({ preventScroll: true });
    return true;
  }
  const line = drawn.querySelector(`[data-handleid="in:${CSS.escape(field)}"]`)?.parentElement;
  const wanted = line?.querySelector<HTMLElement>(
    "textarea, input:not([type=hidden]), [role=combobox], [role=switch], button",
  );
  wanted?.focus({ preventScroll: true });
  return wanted != null;
}

extendCanvas({ Overlay: JumpTarget });
