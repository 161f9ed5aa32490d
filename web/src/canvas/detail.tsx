/** How much of a node is drawn: all of it, or a box with a title where it is too small to read. */

import { useStoreApi } from "@xyflow/react";
import { createContext, use, useDeferredValue, useEffect, useState } from "react";
import type { AnyNode } from "./flow";
import { followMoves, isTooCoarse } from "./moving";

/** `far`: nodes are boxes with a title; `tiny`: boxes, and all links one picture. */
export type Level = "near" | "far" | "tiny";

/** Below this zoom a node is a coloured box with a title. */
const FAR = 0.4;

/** Below this one the title cannot be read either, and only costs time to paint. */
const TINY = 0.2;

export const LevelContext = createContext<Level>("near");

export function levelAt(zoom: number): Level {
  if (zoom < TINY) return "tiny";
  return zoom < FAR ? "far" : "near";
}

/** Changes where the view rests, or is far from where it last did: not amidst of zooming. */
export function useLevel(): Level {
  const store = useStoreApi<AnyNode>();
  const [level, setLevel] = useState<Level>(() => levelAt(store.getState().transform[2]));
  useEffect(() => {
    let settled = 0;
    const zoom = () => store.getState().transform[2];
    const settle = () => {
      settled = zoom();
      setLevel(levelAt(settled));
    };
    settle();
    return followMoves(store, () => isTooCoarse(settled, zoom()) && settle(), settle);
  }, [store]);
  return level;
}

/**
 * Whether to draw a box. A node appears as one, and gets its details when the browser has time:
 * neither panning nor zooming waits for widgets.
 */
export function useIsBox(): boolean {
  return useDeferredValue(use(LevelContext) !== "near", true);
}

export function useIsTiny(): boolean {
  return use(LevelContext) === "tiny";
}
