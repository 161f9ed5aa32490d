/** What a dragged link is over: a socket that takes it, a node that does, something else, nothing. */

import type { Point } from "../graph/edits";
import { type Fitting, type Refusal, type Socket, socketKey, wireOfSocket } from "../graph/fitting";
import type { Catalogue } from "../graph/schema";
import { accepts } from "../graph/wires";
import type { Workflow } from "../graph/workflow";
import { nodesOf } from "../graph/workflow";
import { socketAt, zoom } from "./places";

export type Target =
  | { readonly kind: "nothing" }
  /** Where it came from: a drop there gives it up. */
  | { readonly kind: "home" }
  | { readonly kind: "fits"; readonly socket: Socket; readonly mapped: boolean }
  | {
      readonly kind: "refused";
      readonly node: string;
      readonly why: Refusal;
      /** Undefined where no socket of the node fits. */
      readonly socket?: Socket;
    };

/** How near the pointer must be to a socket to mean it, in pixels of the screen. */
const NEAR = 22;

export function targetAt(
  event: PointerEvent,
  at: Point,
  doc: Workflow,
  catalogue: Catalogue,
  fitting: Fitting,
): Target {
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  const pressed = under.map(socketOf).find((socket) => socket !== null);
  const from = { doc, catalogue, fitting };
  if (pressed && fitting.refusal(pressed) === null) return fits(pressed, from);
  const article = under.map((element) => element.closest("[data-node]")).find(Boolean);
  const node = article?.getAttribute("data-node") ?? nodeNear(at, under, from);
  if (node === undefined || !(node in nodesOf(doc))) return { kind: "nothing" };
  if (node === fitting.end.node && (!pressed || sameSocket(pressed, fitting.end))) {
    return { kind: "home" };
  }
  const far = (socket: Socket) => distance(socketAt(doc, catalogue, socket), at);
  const sockets = fitting.best(node, far);
  const near = sockets.filter((socket) => far(socket) * zoom() < NEAR);
  near.sort((a, b) => far(a) - far(b));
  const found = near[0] ?? (pressed ? undefined : sockets[0]);
  if (found) return fits(found, from);
  const why = (pressed && fitting.refusal(pressed)) ?? fitting.refusalOf(node) ?? "type";
  return { kind: "refused", node, why, ...(pressed && { socket: pressed }) };
}

function sameSocket(a: Socket, b: Socket): boolean {
  return socketKey(a) === socketKey(b);
}

interface From {
  readonly doc: Workflow;
  readonly catalogue: Catalogue;
  readonly fitting: Fitting;
}

/** Sockets stick out of their node: near one of them, the node is meant. */
function nodeNear(at: Point, under: readonly Element[], from: From): string | undefined {
  if (!under.some((element) => element.closest(".react-flow"))) return undefined;
  const canvas = under.find((element) => element.closest(".react-flow"))?.closest(".react-flow");
  let best: { id: string; far: number } | undefined;
  for (const handle of canvas?.querySelectorAll("[data-handleid][data-fits]") ?? []) {
    const socket = socketOf(handle);
    if (socket === null) continue;
    const far = distance(socketAt(from.doc, from.catalogue, socket), at) * zoom();
    if (far < NEAR && far < (best?.far ?? NEAR)) best = { id: socket.node, far };
  }
  return best?.id;
}

function fits(socket: Socket, { doc, catalogue, fitting }: From): Target {
  const [from, to] = fitting.end.out ? [fitting.end, socket] : [socket, fitting.end];
  const [given, taken] = [wireOfSocket(doc, catalogue, from), wireOfSocket(doc, catalogue, to)];
  return { kind: "fits", socket, mapped: !accepts(taken, given, catalogue.wireTypes) };
}

/** The socket that an element of the page is. */
export function socketOf(element: Element): Socket | null {
  const handle = element.closest("[data-handleid]");
  const node = handle?.getAttribute("data-nodeid");
  const id = handle?.getAttribute("data-handleid");
  if (!node || !id) return null;
  return { node, port: id.replace(/^(in|out):/, ""), out: id.startsWith("out:") };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
