/** How much of a node is drawn: all of it, or a box with a title where it is too small to read. */

import { useStore } from "@xyflow/react";
import { createContext, type ReactNode, use, useDeferredValue } from "react";

/** Below this zoom a node is a coloured box with a title. */
const FAR = 0.4;

/** Below this one the title cannot be read either, and only costs time to paint. */
const TINY = 0.2;

const FarContext = createContext(false);

/** Whether nodes are boxes now. */
export function FarProvider({ children }: { readonly children: ReactNode }) {
  const far = useStore((state) => state.transform[2] < FAR);
  return <FarContext value={far}>{children}</FarContext>;
}

/**
 * Whether to draw a box. A node appears as one, and gets its details when the browser has time:
 * neither panning nor zooming waits for widgets.
 */
export function useIsBox(): boolean {
  return useDeferredValue(use(FarContext), true);
}

export function useIsTiny(): boolean {
  return useStore((state) => state.transform[2] < TINY);
}
