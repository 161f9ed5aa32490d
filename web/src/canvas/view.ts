/** Moving the view: for commands, for lists that jump to a node, for what is put on the canvas. */

import type { ReactFlowInstance } from "@xyflow/react";
import { create } from "zustand";
import { register } from "../commands/registry";
import { boundsOf, type Rect } from "../graph/boxes";
import type { Point } from "../graph/edits";
import { activeTab, openPath, useDocuments } from "../store/documents";
import { useRuns } from "../store/runs";
import { select, selectedNodes } from "../store/selection";
import { changeSettings, useSettings } from "../store/settings";
import type { AnyNode, FlowEdge } from "./flow";
import { firstView, wholeView } from "./framing";

type Instance = ReactFlowInstance<AnyNode, FlowEdge>;

interface CanvasMode {
  /** Whether dragging on empty canvas selects, rather than pans. */
  readonly selecting: boolean;
}

export const useCanvasMode = create<CanvasMode>(() => ({ selecting: false }));

export function toggleSelecting(): void {
  useCanvasMode.setState(({ selecting }) => ({ selecting: !selecting }));
}

let instance: Instance | null = null;
let element: () => HTMLElement | null = () => null;

export function setInstance(flow: Instance | null, canvas: () => HTMLElement | null): void {
  instance = flow;
  element = canvas;
}

/** Null while the canvas is not shown. */
export function flowInstance(): Instance | null {
  return instance;
}

/** Where the middle of what is seen lies on the canvas. */
export function middle(): Point {
  const box = element()?.getBoundingClientRect();
  if (!instance || !box) return { x: 0, y: 0 };
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  return instance.screenToFlowPosition(at, { snapToGrid: false });
}

/** Shows some nodes whole, or all; never larger than life. */
export function fit(ids?: ReadonlySet<string>): void {
  const nodes = instance?.getNodes().filter((node) => !ids || ids.has(node.id)) ?? [];
  const size = element()?.getBoundingClientRect();
  const bounds = boundsOf(nodes.map(rectOf));
  if (!instance || !size || !bounds) return;
  void instance.setViewport(wholeView(bounds, size));
}

/**
 * What is shown of a workflow that was never seen: all of it, or where that could not be read on
 * a small screen, the nodes that run or those that it begins with.
 */
export function showFirst(): void {
  const nodes = instance?.getNodes() ?? [];
  const size = element()?.getBoundingClientRect();
  if (!instance || !size || nodes.length === 0) return;
  const { runs, lastOf } = useRuns.getState();
  const reports = runs[lastOf[activeTab().id] ?? ""]?.nodes ?? {};
  const running = nodes.filter(({ id }) => reports[id]?.status === "running");
  void instance.setViewport(firstView(nodes.map(rectOf), running.map(rectOf), size));
}

function rectOf({ position, width = 0, height = 0 }: AnyNode): Rect {
  return { ...position, width, height };
}

/** Whether all there is lies in sight. */
export function allInSight(): boolean {
  const size = element()?.getBoundingClientRect();
  const bounds = boundsOf((instance?.getNodes() ?? []).map(rectOf));
  if (!instance || !size || !bounds) return false;
  const { x, y, zoom } = instance.getViewport();
  const [left, top] = [bounds.x * zoom + x, bounds.y * zoom + y];
  const [right, bottom] = [left + bounds.width * zoom, top + bounds.height * zoom];
  return left >= 0 && top >= 0 && right <= size.width && bottom <= size.height;
}

/** Selects a node of the open workflow, brings it into sight and gives it the focus. */
export function focusNode(id: string): void {
  const node = instance?.getNode(id);
  if (!instance || !node) return;
  select([id]);
  const zoom = Math.max(instance.getZoom(), 0.6);
  const x = node.position.x + (node.width ?? 0) / 2;
  const y = node.position.y + (node.height ?? 0) / 2;
  void instance.setCenter(x, y, { zoom }).then(() =>
    requestAnimationFrame(() => {
      const drawn = element()?.querySelector(`[data-node="${CSS.escape(id)}"]`);
      drawn?.closest<HTMLElement>(".react-flow__node")?.focus({ preventScroll: true });
    }),
  );
}

/** As `focusNode`, for a name as reports have it: `face/sample` is `sample` in the subgraph `face`. */
export function reveal(name: string): void {
  const path = name.split("/");
  const id = path.pop() ?? name;
  const open = activeTab(useDocuments.getState()).path;
  const same = path.length === open.length && path.every((part, n) => part === open[n]);
  if (!same) openPath(path);
  requestAnimationFrame(() => requestAnimationFrame(() => focusNode(id)));
}

register(
  { id: "view.fit", keys: "F", run: () => fit() },
  {
    id: "view.fitSelection",
    keys: "Shift+F",
    enabled: () => selectedNodes().size > 0,
    run: () => fit(selectedNodes()),
  },
  { id: "view.zoomIn", keys: "Mod+=", run: () => void instance?.zoomIn() },
  { id: "view.zoomOut", keys: "Mod+-", run: () => void instance?.zoomOut() },
  { id: "view.select", keys: "V", run: toggleSelecting },
  {
    id: "view.minimap",
    checked: () => useSettings.getState().minimap,
    run: () => changeSettings({ minimap: !useSettings.getState().minimap }),
  },
  {
    id: "view.snap",
    checked: () => useSettings.getState().snap,
    run: () => changeSettings({ snap: !useSettings.getState().snap }),
  },
);
