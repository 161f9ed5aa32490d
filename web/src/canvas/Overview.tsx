/** The map in the corner: every node in its colour, and what of the canvas is seen. */

import { Panel, useStoreApi } from "@xyflow/react";
import { type PointerEvent, type RefObject, use, useEffect, useRef } from "react";
import type { Rect } from "../graph/boxes";
import { useRuns } from "../store/runs";
import { useSettings } from "../store/settings";
import { useText } from "../text/catalogue";
import type { AnyNode } from "./flow";
import { type FlowStore, keepPicture, show, type Transform } from "./moving";
import { reportsIn, ScopeContext } from "./report";

const WIDTH = 200;
const HEIGHT = 140;
const STYLES = ["--surface-3", "--accent", "--bad", "--good", "--text-2", "--border"] as const;
type Styles = { readonly [name in (typeof STYLES)[number]]: string };

export function Overview() {
  const t = useText();
  const store = useStoreApi<AnyNode>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = useRef<HTMLDivElement>(null);
  useMap(store, canvas, seen);
  const go = (event: PointerEvent<HTMLElement>) => {
    const [x, y, scale] = fitOf(store.getState());
    const box = event.currentTarget.getBoundingClientRect();
    const { transform, setCenter } = store.getState();
    const at = [(event.clientX - box.x - x) / scale, (event.clientY - box.y - y) / scale] as const;
    void setCenter(at[0], at[1], { zoom: transform[2] });
  };
  return (
    <Panel position="bottom-right" className="canvas-minimap">
      <div
        className="canvas-map"
        role="img"
        aria-label={t("canvas.minimap")}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
        }}
      >
        <canvas ref={canvas} />
        <div ref={seen} className="canvas-seen" />
      </div>
    </Panel>
  );
}

/** Outside of React, and the nodes painted once: nothing waits for the map. */
function useMap(
  store: FlowStore,
  canvas: RefObject<HTMLCanvasElement | null>,
  seen: RefObject<HTMLDivElement | null>,
): void {
  const theme = useSettings((state) => state.theme);
  const scope = use(ScopeContext);
  const nodes = useRuns((state) => state.runs[state.lastOf[scope.tab] ?? ""]?.nodes);
  useEffect(() => {
    const reports = nodes && reportsIn(nodes, scope.prefix);
    let styles: Styles | null = null;
    const paint = (): Transform => {
      const state = store.getState();
      const fit = fitOf(state);
      const sheet = new OffscreenCanvas(WIDTH * 2, HEIGHT * 2);
      const context = sheet.getContext("2d");
      if (!canvas.current || !context) return fit;
      styles ??= stylesOf(canvas.current);
      const colors = styles;
      const colorOf = (node: AnyNode) => nodeColor(node, reports?.get(node.id)?.status, colors);
      draw(context, state.nodes, fit, colorOf);
      show(canvas.current, sheet);
      return fit;
    };
    const { again, stop } = keepPicture(store, {
      element: () => canvas.current,
      view: () => fitOf(store.getState()),
      paint,
      suffices: () => {
        if (seen.current) outline(seen.current, store.getState());
        return true;
      },
    });
    const end = store.subscribe((now, before) => {
      if (now.nodes !== before.nodes) again();
    });
    return () => {
      end();
      stop();
    };
  }, [store, canvas, seen, theme, nodes, scope]);
}

/** Lays the frame around what is seen. */
function outline(frame: HTMLElement, state: FlowState): void {
  const { x, y, width, height } = seenOf(state);
  const [left, top, scale] = fitOf(state);
  const points = (side: number) => `${Math.round(side * scale * 4) / 4}px`;
  const size = [points(width), points(height)] as const;
  [frame.style.width, frame.style.height] = size;
  frame.style.transform = `translate(${x * scale + left}px, ${y * scale + top}px)`;
}

function stylesOf(element: HTMLElement): Styles {
  const found = getComputedStyle(element);
  return Object.fromEntries(STYLES.map((name) => [name, found.getPropertyValue(name)])) as Styles;
}

function nodeColor(node: AnyNode, status: string | undefined, styles: Styles): string {
  if (node.type === "frame") return node.data.frame.color ?? styles["--border"];
  if (node.type === "note") return node.data.note.color ?? styles["--border"];
  if (status === "failed") return styles["--bad"];
  if (status === "running") return styles["--accent"];
  const own = node.data.place.color;
  return node.selected ? styles["--accent"] : (own ?? styles["--text-2"]);
}

type FlowState = ReturnType<FlowStore["getState"]>;

function seenOf(state: FlowState): Rect {
  const [x, y, zoom] = state.transform;
  return { x: -x / zoom, y: -y / zoom, width: state.width / zoom, height: state.height / zoom };
}

/** Canvas units to points of the map: all nodes and what is seen. */
function fitOf(state: FlowState): Transform {
  const seen = seenOf(state);
  let { x: left, y: top } = seen;
  let right = left + seen.width;
  let bottom = top + seen.height;
  for (const { position, width = 0, height = 0 } of state.nodes) {
    left = Math.min(left, position.x);
    top = Math.min(top, position.y);
    right = Math.max(right, position.x + width);
    bottom = Math.max(bottom, position.y + height);
  }
  const scale = Math.min((WIDTH - 12) / (right - left), (HEIGHT - 12) / (bottom - top));
  const x = WIDTH / 2 - ((left + right) / 2) * scale;
  const y = HEIGHT / 2 - ((top + bottom) / 2) * scale;
  return [x, y, scale];
}

function draw(
  context: OffscreenCanvasRenderingContext2D,
  nodes: readonly AnyNode[],
  [x, y, scale]: Transform,
  colorOf: (node: AnyNode) => string,
): void {
  context.setTransform(2, 0, 0, 2, 0, 0);
  for (const node of nodes) {
    const { position, width = 0, height = 0 } = node;
    context.fillStyle = colorOf(node);
    context.globalAlpha = node.type === "node" ? 0.85 : 0.3;
    const size = [Math.max(width * scale, 1), Math.max(height * scale, 1)] as const;
    context.fillRect(position.x * scale + x, position.y * scale + y, ...size);
  }
}
