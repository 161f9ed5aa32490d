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
      if (moved && focus(jump.node, jump.field)) return;
      if (performance.now() < until) frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [jump, flow]);
  return null;
}

/** Whether the node is drawn already. */
function focus(node: string, field: string | null): boolean {
  const drawn = document.querySelector(`.react-flow [data-node="${CSS.escape(node)}"]`);
  if (drawn === null) return false;
  const handle = field && drawn.querySelector(`[data-handleid="in:${CSS.escape(field)}"]`);
  const line = handle ? handle.closest(".node-widget") : null;
  const wanted = line?.querySelector<HTMLElement>(
    "textarea, input:not([type=hidden]), [role=combobox], [role=switch], button",
  );
  const whole = drawn.closest<HTMLElement>(".react-flow__node");
  (wanted ?? whole)?.focus({ preventScroll: true });
  return true;
}

extendCanvas({ Overlay: JumpTarget });
