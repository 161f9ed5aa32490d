/** All links of an overview in one picture: too thin to click, and too many for elements each. */

import { useStoreApi } from "@xyflow/react";
import { type RefObject, useEffect, useRef } from "react";
import { useSettings } from "../store/settings";
import type { AnyNode, FlowEdge, FlowNode } from "./flow";
import { covers, type FlowStore, keepPicture, show, type Transform } from "./moving";

/** How much further than what is seen the picture reaches on each side, in parts of that. */
const MARGIN = 0.4;
const NONE = [0, 0] as const;
type Ends = readonly [x1: number, y1: number, x2: number, y2: number];

export function FarLinks({ links }: { readonly links: readonly FlowEdge[] }) {
  const store = useStoreApi<AnyNode>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useSettings((state) => state.theme);
  usePicture(store, canvas, links, theme);
  return <canvas ref={canvas} className="canvas-far-links" data-links={links.length} aria-hidden />;
}

function usePicture(
  store: FlowStore,
  canvas: RefObject<HTMLCanvasElement | null>,
  links: readonly FlowEdge[],
  theme: string,
): void {
  useEffect(() => {
    const colors = new Map<string, string>();
    const paint = (moving: boolean): Transform => {
      const { nodes, transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      const [across, down] = moving
        ? [Math.round(width * MARGIN), Math.round(height * MARGIN)]
        : NONE;
      const element = canvas.current;
      const sheet = new OffscreenCanvas(width + 2 * across || 1, height + 2 * down || 1);
      const context = sheet.getContext("2d");
      if (!element || !context) return transform;
      context.setTransform(zoom, 0, 0, zoom, x + across, y + down);
      context.lineWidth = 0.9 / zoom;
      for (const [color, curves] of byColor(links, nodes)) {
        context.strokeStyle = resolved(element, color, colors, theme);
        context.beginPath();
        for (const curve of curves) trace(context, curve);
        context.stroke();
      }
      show(element, sheet);
      return [x + across, y + down, zoom];
    };
    const { again, stop } = keepPicture(store, {
      element: () => canvas.current,
      view: () => store.getState().transform,
      paint,
      suffices: (at) => canvas.current !== null && covers(at, canvas.current, store.getState()),
    });
    const end = store.subscribe((now, before) => {
      const other = now.nodes !== before.nodes;
      if (other || now.width !== before.width || now.height !== before.height) again();
    });
    return () => {
      end();
      stop();
    };
  }, [store, canvas, links, theme]);
}

function byColor(links: readonly FlowEdge[], nodes: readonly AnyNode[]): Map<string, Ends[]> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const made = new Map<string, Ends[]>();
  for (const link of links) {
    const from = socketAt(byId.get(link.source), link.sourceHandle);
    const to = socketAt(byId.get(link.target), link.targetHandle);
    if (!from || !to) continue;
    const color = link.data?.color ?? "var(--wire-any)";
    const curves = made.get(color) ?? [];
    curves.push([from[0], from[1], to[0], to[1]]);
    made.set(color, curves);
  }
  return made;
}

const sockets = new WeakMap<object, ReadonlyMap<string, readonly [number, number]>>();

function socketAt(node: AnyNode | undefined, handle: string | null | undefined) {
  const handles = (node as FlowNode | undefined)?.handles;
  if (!node || !handles || !handle) return null;
  let known = sockets.get(handles);
  if (known === undefined) {
    known = new Map(handles.map(({ id, x, y }) => [id ?? "", [x + 6, y + 6]]));
    sockets.set(handles, known);
  }
  const at = known.get(handle);
  return at ? ([node.position.x + at[0], node.position.y + at[1]] as const) : null;
}

function trace(context: OffscreenCanvasRenderingContext2D, [x1, y1, x2, y2]: Ends): void {
  const bend = Math.max(Math.abs(x2 - x1) / 2, 40);
  context.moveTo(x1, y1);
  context.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
}

/** A colour as canvases know it: without variables, for the theme that is shown. */
function resolved(
  canvas: HTMLCanvasElement,
  color: string,
  known: Map<string, string>,
  theme: string,
): string {
  const key = `${theme} ${color}`;
  let made = known.get(key);
  if (made === undefined) {
    canvas.style.color = color;
    made = getComputedStyle(canvas).color;
    known.set(key, made);
  }
  return made;
}
