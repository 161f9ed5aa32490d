/** Shows each tab and subgraph where it was left; what was never seen, whole. */

import { useReactFlow, useStore, type Viewport } from "@xyflow/react";
import { useCallback, useEffect, useRef } from "react";
import { activeTab, useDocuments } from "../store/documents";
import { allInSight, fit } from "./view";
import { keepView, viewAt, viewKey } from "./viewports";

/** Returns what React Flow shall call when a person has moved the view. */
export function useViewport(isEmpty: boolean): (event: unknown, view: Viewport) => void {
  const key = useDocuments((state) => {
    const tab = activeTab(state);
    return viewKey(tab.id, tab.path);
  });
  const flow = useReactFlow();
  const ready = useStore((state) => state.panZoom !== null && state.width > 0);
  const shown = useRef<string | null>(null);
  const wasEmpty = useRef<string | null>(null);
  useEffect(() => {
    if (!ready || shown.current === key) return;
    const known = viewAt(key);
    if (known) void flow.setViewport(known);
    else if (isEmpty) {
      wasEmpty.current = key;
      return void flow.setViewport({ x: 0, y: 0, zoom: 1 });
    } // What somebody puts on an empty canvas stays where it was put.
    else if (wasEmpty.current !== key || !allInSight()) fit();
    shown.current = key;
  }, [key, ready, isEmpty, flow]);
  return useCallback(
    (_event: unknown, view: Viewport) => {
      if (shown.current === key) keepView(key, view);
    },
    [key],
  );
}
