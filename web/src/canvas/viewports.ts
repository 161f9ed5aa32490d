/** Where a person looked last: one view for each tab and each subgraph in it, kept over a reload. */

import type { Viewport } from "@xyflow/react";
import type { Path } from "../graph/path";

const KEY = "nodegraph.viewports";
/** More than anybody has open; the oldest go first. */
const KEPT = 100;

let views: Map<string, Viewport> | null = null;

export function viewKey(tab: string, path: Path): string {
  return [tab, ...path].join("/");
}

/** A view as seen from another corner: `way` 1 from the canvas to the window, -1 back. */
export function shifted(view: Viewport, by: { x: number; y: number }, way: 1 | -1): Viewport {
  return { x: view.x + way * by.x, y: view.y + way * by.y, zoom: view.zoom };
}

export function viewAt(key: string): Viewport | undefined {
  return all().get(key);
}

export function keepView(key: string, view: Viewport): void {
  const known = all();
  known.delete(key);
  known.set(key, view);
  const kept = [...known].slice(-KEPT);
  views = new Map(kept);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // No room, or no leave to store: the view is kept until the page goes.
  }
}

/** For tests: as after a reload. */
export function forgetViews(): void {
  views = null;
}

function all(): Map<string, Viewport> {
  views ??= read();
  return views;
}

function read(): Map<string, Viewport> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Map((found as [string, Viewport][]).filter(([, view]) => isView(view)));
  } catch {
    return new Map();
  }
}

function isView(view: Viewport | null): boolean {
  return [view?.x, view?.y, view?.zoom].every(Number.isFinite);
}
