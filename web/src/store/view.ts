/** What the screen shows beside the graph: panels, dialogs, the search palette. */

import { create } from "zustand";
import type { Point } from "../graph/edits";
import type { Wire } from "../graph/schema";

export type Panel = "workflows" | "queue" | "history" | "gallery" | "problems" | null;
export type Dialog =
  | "templates"
  | "settings"
  | "shortcuts"
  | "about"
  | "declared"
  | "versions"
  | "conflict"
  | null;

/** A link that looks for its other end: the palette shows only nodes that fit. */
export interface Loose {
  readonly node: string;
  readonly port: string;
  /** Whether `port` is an output of `node`, rather than an input. */
  readonly out: boolean;
  readonly wire: Wire;
  /** The link that it was the end of, by its id: it goes where the end finds another. */
  readonly moved?: string;
}

export interface PaletteRequest {
  /** Where the node shall stand, in canvas units. */
  readonly at: Point;
  readonly loose?: Loose;
  /** A node that the chosen type shall replace. */
  readonly replace?: string;
  /** A link, by its id, that the node shall be put on. */
  readonly link?: string;
  /** Whether it was asked for with keys: then it opens in the middle. */
  readonly keys?: boolean;
}

export interface ConnectRequest {
  readonly node: string;
  readonly socket?: { readonly port: string; readonly out: boolean };
}

interface View {
  /** The page: the canvas, or the form of the workflow's declared inputs. */
  readonly page: "graph" | "form";
  readonly panel: Panel;
  readonly dialog: Dialog;
  readonly palette: PaletteRequest | null;
  /** Whether the list of commands is open (Ctrl+K). */
  readonly commands: boolean;
  /** What "connect to …" is asked for: a node, or one of its sockets. */
  readonly connect: ConnectRequest | null;
}

export const useView = create<View>(() => ({
  page: "graph",
  panel: null,
  dialog: null,
  palette: null,
  commands: false,
  connect: null,
}));

export function show(change: Partial<View>): void {
  useView.setState(change);
}
