/** What other parts of the editor add to the canvas: handlers, things drawn on it, kinds of nodes. */

import type { NodeTypes, ReactFlowProps } from "@xyflow/react";
import type { ComponentType } from "react";
import type { AnyNode, FlowEdge } from "./flow";

export type CanvasProps = Partial<ReactFlowProps<AnyNode, FlowEdge>>;

export interface Extension {
  /** A hook: what it returns is handed to React Flow. */
  readonly useProps?: () => CanvasProps;
  /** Drawn inside of the canvas, above the nodes; may use React Flow's hooks. */
  readonly Overlay?: ComponentType;
  /** Views of kinds of nodes, such as `frame` and `note`. */
  readonly views?: NodeTypes;
}

const extensions: Extension[] = [];

/** For modules, when they are loaded: before the canvas is first drawn. */
export function extendCanvas(extension: Extension): void {
  extensions.push(extension);
}

export function overlays(): ComponentType[] {
  return extensions.flatMap(({ Overlay }) => (Overlay ? [Overlay] : []));
}

export function addedViews(): NodeTypes {
  return Object.assign({}, ...extensions.map(({ views }) => views ?? {}));
}

/** What all parts hand to React Flow; their number and order never change once drawn. */
export function useAddedProps(): CanvasProps {
  const all = extensions.map(({ useProps }) => useProps?.() ?? {});
  return Object.assign({}, ...all);
}
