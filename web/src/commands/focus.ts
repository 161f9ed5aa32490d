/** Showing a node that was made or gone to: selected, in sight, with the focus. */

import { flowInstance } from "../canvas/view";
import { select } from "../store/selection";

const MARGIN = 24;
/** A node may be drawn some frames after it is in the workflow and in sight. */
const TRIES = 30;

/** Who put it where it is with the pointer sees it there, and wants the view to stay. */
export function takeFocus(id: string): void {
  begin(id, [id], () => true);
}

export function showNode(id: string, selection: Iterable<string> = [id]): void {
  begin(id, selection, bringIntoSight);
}

function begin(id: string, selection: Iterable<string>, inSight: (id: string) => boolean): void {
  select(selection);
  let tries = 0;
  const attempt = () => {
    tries += 1;
    const there = inSight(id) && focusDrawn(id);
    if (!there && tries < TRIES) requestAnimationFrame(attempt);
  };
  requestAnimationFrame(attempt);
}

/** The element of React Flow that holds a node and takes the focus. */
export function frameOf(id: string): HTMLElement | null {
  const article = document.querySelector(`.react-flow [data-node="${CSS.escape(id)}"]`);
  return article?.closest<HTMLElement>(".react-flow__node") ?? null;
}

function focusDrawn(id: string): boolean {
  const frame = frameOf(id);
  frame?.focus({ preventScroll: true });
  return frame !== null && document.activeElement === frame;
}

/** Pans as little as it takes; false while the canvas does not know the node. */
function bringIntoSight(id: string): boolean {
  const flow = flowInstance();
  const node = flow?.getNode(id);
  const canvas = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (!flow || !node || !canvas) return false;
  const { x, y, zoom } = flow.getViewport();
  const left = node.position.x * zoom + x;
  const top = node.position.y * zoom + y;
  const by = {
    x: into(left, left + (node.width ?? 0) * zoom, canvas.width),
    y: into(top, top + (node.height ?? 0) * zoom, canvas.height),
  };
  if (by.x !== 0 || by.y !== 0) void flow.setViewport({ x: x + by.x, y: y + by.y, zoom });
  return true;
}

/** How far to move so that a stretch lies in sight; its start where it is too long. */
function into(start: number, end: number, size: number): number {
  if (start >= MARGIN && end <= size - MARGIN) return 0;
  if (end - start > size - 2 * MARGIN || start < MARGIN) return MARGIN - start;
  return size - MARGIN - end;
}
