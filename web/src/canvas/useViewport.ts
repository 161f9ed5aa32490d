/**
 * Shows each tab and subgraph where it was left; what was never seen, so that it can be read.
 *
 * Views are kept as they lie in the window: a panel that opens or closes beside the canvas moves
 * its edge, and what somebody looks at stays where it is.
 */

import { useReactFlow, useStore, useStoreApi, type Viewport } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { Point } from "../graph/edits";
import { activeTab, useDocuments } from "../store/documents";
import { followPinch } from "./pinch";
import { allInSight, showFirst } from "./view";
import { keepView, shifted, viewAt, viewKey } from "./viewports";

/** Returns what React Flow shall call when a person has moved the view. */
export function useViewport(isEmpty: boolean): (event: unknown, view: Viewport) => void {
  const key = useDocuments((state) => {
    const tab = activeTab(state);
    return viewKey(tab.id, tab.path);
  });
  const flow = useReactFlow();
  const corner = useCorner();
  const ready = useStore((state) => state.panZoom !== null && state.width > 0);
  const shown = useRef<string | null>(null);
  /** Where the canvas began when the view was last set: what came with a tab has not moved it. */
  const settled = useRef({ x: 0, y: 0 });
  const wasEmpty = useRef<string | null>(null);
  useEffect(() => {
    if (!ready || shown.current === key) return;
    const known = viewAt(key);
    if (known) void flow.setViewport(shifted(known, corner(), -1));
    else if (isEmpty) {
      wasEmpty.current = key;
      return void flow.setViewport({ x: 0, y: 0, zoom: 1 });
    } // What somebody puts on an empty canvas stays where it was put.
    else if (wasEmpty.current !== key || !allInSight()) showFirst();
    shown.current = key;
    settled.current = corner();
  }, [key, ready, isEmpty, flow, corner]);
  useSteadyView(corner, settled);
  usePinch();
  return useCallback(
    (_event: unknown, view: Viewport) => {
      if (shown.current === key) keepView(key, shifted(view, corner(), 1));
    },
    [key, corner],
  );
}

function usePinch(): void {
  const flow = useReactFlow();
  const element = useStore((state) => state.domNode);
  useEffect(() => (element ? followPinch(element, flow) : undefined), [element, flow]);
}

/** Where the canvas begins in the window. */
function useCorner(): () => Point {
  const store = useStoreApi();
  return useCallback(() => {
    const { x = 0, y = 0 } = store.getState().domNode?.getBoundingClientRect() ?? {};
    return { x, y };
  }, [store]);
}

/** Moves the view against the edges of the canvas, before the browser paints. */
function useSteadyView(corner: () => Point, settled: RefObject<Point>): void {
  const flow = useReactFlow();
  const element = useStore((state) => state.domNode);
  useEffect(() => {
    if (element === null) return undefined;
    settled.current = corner();
    const watcher = new ResizeObserver(() => {
      const now = corner();
      const moved = { x: now.x - settled.current.x, y: now.y - settled.current.y };
      settled.current = now;
      if (moved.x !== 0 || moved.y !== 0) {
        void flow.setViewport(shifted(flow.getViewport(), moved, -1));
      }
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [element, flow, corner, settled]);
}
