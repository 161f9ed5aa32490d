/** The map in the corner: every node in its colour, and what of the canvas is seen. */

import { Panel, useStoreApi } from "@xyflow/react";
import { type PointerEvent, type RefObject, use, useEffect, useRef } from "react";
import { useRuns } from "../store/runs";
import { useSettings } from "../store/settings";
import { useText } from "../text/catalogue";
import type { Rect } from "./boxes";
import type { AnyNode } from "./flow";
import { reportsIn, ScopeContext } from "./report";

const WIDTH = 200;
const HEIGHT = 140;
const STYLES = ["--surface-3", "--accent", "--bad", "--good", "--text-2", "--border"] as const;
type Styles = { readonly [name in (typeof STYLES)[number]]: string };

/** A scale and an offset: canvas units to points of the map. */
interface Fit {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

type FlowStore = ReturnType<typeof useStoreApi<AnyNode>>;

export function Overview() {
  const t = useText();
  const store = useStoreApi<AnyNode>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const fitted = useMap(store, canvas);
  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    const { scale, x, y } = fitted.current;
    const box = event.currentTarget.getBoundingClientRect();
    const { transform, setCenter } = store.getState();
    const at = [(event.clientX - box.x - x) / scale, (event.clientY - box.y - y) / scale] as const;
    void setCenter(at[0], at[1], { zoom: transform[2] });
  };
  return (
    <Panel position="bottom-right" className="canvas-minimap">
      <canvas
        ref={canvas}
        width={WIDTH * 2}
        height={HEIGHT * 2}
        role="img"
        aria-label={t("canvas.minimap")}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
        }}
      />
    </Panel>
  );
}

/** Draws the map anew once a frame at most, outside of React: nothing waits for it. */
function useMap(store: FlowStore, canvas: RefObject<HTMLCanvasElement | null>) {
  const fitted = useRef<Fit>({ scale: 1, x: 0, y: 0 });
  const theme = useSettings((state) => state.theme);
  const scope = use(ScopeContext);
  const nodes = useRuns((state) => state.runs[state.lastOf[scope.tab] ?? ""]?.nodes);
  useEffect(() => {
    const reports = nodes && reportsIn(nodes, scope.prefix);
    let styles: Styles | null = null;
    let waiting = 0;
    const paint = () => {
      waiting = 0;
      const context = canvas.current?.getContext("2d");
      if (!canvas.current || !context) return;
      styles ??= stylesOf(canvas.current);
      const colors = styles;
      const state = store.getState();
      const seen = seenOf(state);
      fitted.current = fitOf(state.nodes, seen);
      const colorOf = (node: AnyNode) => nodeColor(node, reports?.get(node.id)?.status, colors);
      draw(context, state.nodes, seen, fitted.current, colorOf, colors["--accent"]);
    };
    const ask = () => {
      if (waiting === 0) waiting = requestAnimationFrame(paint);
    };
    ask();
    const end = store.subscribe((now, before) => {
      if (now.nodes !== before.nodes || now.transform !== before.transform) ask();
    });
    return () => {
      end();
      cancelAnimationFrame(waiting);
    };
  }, [store, canvas, theme, nodes, scope]);
  return fitted;
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

function seenOf(state: ReturnType<FlowStore["getState"]>): Rect {
  const [x, y, zoom] = state.transform;
  return { x: -x / zoom, y: -y / zoom, width: state.width / zoom, height: state.height / zoom };
}

function fitOf(nodes: readonly AnyNode[], seen: Rect): Fit {
  let { x: left, y: top } = seen;
  let right = left + seen.width;
  let bottom = top + seen.height;
  for (const { position, width = 0, height = 0 } of nodes) {
    left = Math.min(left, position.x);
    top = Math.min(top, position.y);
    right = Math.max(right, position.x + width);
    bottom = Math.max(bottom, position.y + height);
  }
  const scale = Math.min((WIDTH - 12) / (right - left), (HEIGHT - 12) / (bottom - top));
  const x = WIDTH / 2 - ((left + right) / 2) * scale;
  const y = HEIGHT / 2 - ((top + bottom) / 2) * scale;
  return { scale, x, y };
}

function draw(
  context: CanvasRenderingContext2D,
  nodes: readonly AnyNode[],
  seen: Rect,
  { scale, x, y }: Fit,
  colorOf: (node: AnyNode) => string,
  frame: string,
): void {
  context.setTransform(2, 0, 0, 2, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  for (const node of nodes) {
    const { position, width = 0, height = 0 } = node;
    context.fillStyle = colorOf(node);
    context.globalAlpha = node.type === "node" ? 0.85 : 0.3;
    const size = [Math.max(width * scale, 1), Math.max(height * scale, 1)] as const;
    context.fillRect(position.x * scale + x, position.y * scale + y, ...size);
  }
  context.globalAlpha = 1;
  context.strokeStyle = frame;
  context.lineWidth = 1.5;
  const size = [seen.width * scale, seen.height * scale] as const;
  context.strokeRect(seen.x * scale + x, seen.y * scale + y, ...size);
}
