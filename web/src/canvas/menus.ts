/** Where context menus come from: the canvas says what was asked for, who draws them listens. */

import type { Point } from "../graph/edits";

export type MenuTarget =
  | { readonly kind: "node" | "frame" | "note" | "link"; readonly id: string }
  | { readonly kind: "pane" };

export interface MenuRequest {
  readonly target: MenuTarget;
  /** On the screen, for the menu. */
  readonly screen: Point;
  /** On the canvas, for what the menu makes. */
  readonly at: Point;
}

type Listener = (request: MenuRequest) => void;

const listeners = new Set<Listener>();

/** Returns the function that ends it. */
export function onCanvasMenu(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether anybody draws a menu; otherwise the browser's own comes. */
export function askForMenu(request: MenuRequest): boolean {
  for (const listener of listeners) listener(request);
  return listeners.size > 0;
}
