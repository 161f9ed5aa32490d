/** What the pointer is doing with links right now; drawn over the canvas. */

import { create } from "zustand";
import type { Point } from "../graph/edits";

export interface DraggedLink {
  /** The end that stays, and the end that follows the pointer or sits in a socket. */
  readonly fixed: Point;
  readonly loose: Point;
  /** Whether the fixed end is an output. */
  readonly out: boolean;
  readonly color: string;
  /** What would happen at a drop, or why nothing would; null where that is plain to see. */
  readonly says: string | null;
  readonly refused: boolean;
}

interface Connecting {
  readonly link: DraggedLink | null;
  /** The line that cuts links. */
  readonly cut: readonly Point[] | null;
  /** The point of a link that was taken last: it can be deleted. */
  readonly point: { readonly link: string; readonly place: number } | null;
}

export const useConnecting = create<Connecting>(() => ({ link: null, cut: null, point: null }));
