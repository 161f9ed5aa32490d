/** Asking for context menus, and opening what a node holds. */

import { useReactFlow } from "@xyflow/react";
import { type MouseEvent, useMemo } from "react";
import { bodyOf } from "../graph/path";
import { activeTab, openDoc, openPath } from "../store/documents";
import { select, useSelection } from "../store/selection";
import type { CanvasProps } from "./extensions";
import type { AnyNode } from "./flow";
import { askForMenu, type MenuTarget } from "./menus";

type Click = globalThis.MouseEvent | MouseEvent;

export function useMenus(): CanvasProps {
  const flow = useReactFlow();
  return useMemo(() => {
    const ask = (event: Click, target: MenuTarget) => {
      const screen = { x: event.clientX, y: event.clientY };
      const at = flow.screenToFlowPosition(screen, { snapToGrid: false });
      if (askForMenu({ target, screen, at })) event.preventDefault();
    };
    return {
      onNodeContextMenu: (event, { id, type }) => {
        if (inField(event)) return;
        if (!useSelection.getState().nodes.has(id)) select([id]);
        ask(event, { kind: type ?? "node", id });
      },
      onEdgeContextMenu: (event, { id }) => {
        if (!useSelection.getState().edges.has(id)) select([], [id]);
        ask(event, { kind: "link", id });
      },
      onPaneContextMenu: (event) => ask(event, { kind: "pane" }),
    } satisfies CanvasProps;
  }, [flow]);
}

/** Text fields keep the browser's own menu, with its spelling and pasting. */
function inField(event: Click): boolean {
  const target = event.target as HTMLElement;
  return target.closest("input, textarea, [contenteditable]") !== null;
}

/** A double click on a node that holds a workflow opens it. */
export function openInside(event: Click, node: AnyNode): void {
  const onWidget = (event.target as HTMLElement).closest(".nodrag") !== null;
  if (onWidget || node.type !== "node" || !bodyOf(openDoc(), node.id)) return;
  select([]);
  openPath([...activeTab().path, node.id]);
}
