/** Which presses on the canvas are about links: sockets, ends of links, their points, cutting. */

import { type Socket, sourceOf } from "../graph/fitting";
import { edgeOf, removePoint, unplugged } from "../graph/links";
import type { Catalogue } from "../graph/schema";
import { edit, openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select } from "../store/selection";
import { show } from "../store/view";
import { Cutting } from "./cutting";
import { type Hold, holdOf, LinkDrag } from "./drag";
import { markLink } from "./marks";
import { canvasPoint, socketAt, zoom } from "./places";
import { addPointTo } from "./rerouting";
import { useConnecting } from "./store";
import { socketOf } from "./target";

/** How far the pointer moves before a press is a drag, in pixels. */
const STILL = 4;
/** How near its end a link is taken by that end, in pixels. */
const END = 26;

interface Gesture {
  move(event: PointerEvent): void;
  drop(event: PointerEvent): void;
  end(): void;
}

/** Follows the pointer on a canvas; returns the function that ends it. */
export function followPointer(canvas: HTMLElement): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const capture = { signal, capture: true };
  canvas.addEventListener("pointerdown", (event) => press(canvas, event), capture);
  for (const kind of ["mousedown", "touchstart"]) {
    canvas.addEventListener(kind, (event) => isOurs(event) && event.stopPropagation(), capture);
  }
  canvas.addEventListener("click", keepPoint, capture);
  canvas.addEventListener("dblclick", (event) => doublePress(canvas, event), { signal });
  return () => stop.abort();
}

/** Presses that React Flow must not take for panning, selecting or dragging a node. */
function isOurs(event: Event): boolean {
  const target = event.target as Element;
  if (target.closest(".react-flow__handle")) return true;
  if (!(event instanceof MouseEvent)) return false;
  if (cuts(event) && onBackground(target)) return true;
  return event.button === 0 && heldEnd(target, event) !== null;
}

function cuts(event: MouseEvent): boolean {
  return (event.button === 0 && event.altKey) || (event.button === 2 && event.ctrlKey);
}

function onBackground(target: Element): boolean {
  return target.closest(".react-flow__pane, .react-flow__edge") !== null && !onNode(target);
}

function onNode(target: Element): boolean {
  return target.closest(".react-flow__node, .react-flow__panel") !== null;
}

function press(canvas: HTMLElement, event: PointerEvent): void {
  const target = event.target as Element;
  const catalogue = useNodes.getState().catalogue;
  takePoint(canvas, target);
  if (catalogue === null || !event.isPrimary) return;
  if (cuts(event) && onBackground(target)) {
    begin(event, new Cut(canvas, event));
    return;
  }
  if (event.button !== 0) return;
  const socket = socketOf(target);
  const hold = socket ? holdOf(openDoc(), catalogue, socket) : heldEnd(target, event);
  if (hold) begin(event, new Plug(canvas, catalogue, hold, socket, event));
}

/** Until it is dropped, all that the pointer does is the gesture's; Escape gives it up. */
function begin(event: PointerEvent, gesture: Gesture): void {
  event.stopPropagation();
  const stop = new AbortController();
  const options = { signal: stop.signal, capture: true };
  const mine = (other: PointerEvent) => other.pointerId === event.pointerId;
  const over = (then: () => void) => {
    stop.abort();
    then();
  };
  const on = <K extends keyof WindowEventMap>(kind: K, then: (event: WindowEventMap[K]) => void) =>
    window.addEventListener(kind, then, options);
  on("pointermove", (moved) => mine(moved) && gesture.move(moved));
  on("pointerup", (up) => mine(up) && over(() => gesture.drop(up)));
  on("pointercancel", (gone) => mine(gone) && over(() => gesture.end()));
  on("blur", ({ target }) => target === window && over(() => gesture.end()));
  on("keydown", (key) => {
    if (key.key !== "Escape") return;
    key.stopPropagation();
    over(() => gesture.end());
  });
  if (event.button === 2) {
    const quiet = (menu: Event) => {
      menu.preventDefault();
      menu.stopPropagation();
    };
    window.addEventListener("contextmenu", quiet, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("contextmenu", quiet, { capture: true }), 5000);
  }
}

/** A press on a socket or on the end of a link: a drag once it moves, else a question. */
class Plug implements Gesture {
  private drag: LinkDrag | null = null;

  constructor(
    private readonly canvas: HTMLElement,
    private readonly catalogue: Catalogue,
    private readonly hold: Hold,
    private readonly pressed: Socket | null,
    private readonly began: PointerEvent,
  ) {}

  move(event: PointerEvent): void {
    const far = Math.hypot(event.clientX - this.began.clientX, event.clientY - this.began.clientY);
    if (this.drag === null && far < STILL) return;
    this.drag ??= new LinkDrag(this.canvas, this.catalogue, this.hold);
    this.drag.move(event);
  }

  drop(event: PointerEvent): void {
    if (this.drag) this.drag.drop(event);
    else if (this.pressed) show({ connect: { node: this.pressed.node, socket: this.pressed } });
    else if (this.hold.moved) select([], [this.hold.moved]);
  }

  end(): void {
    this.drag?.end();
  }
}

/** A press that cuts: what the line crosses, or the link that was pressed. */
class Cut implements Gesture {
  private readonly cutting: Cutting;
  private moved = false;

  constructor(
    canvas: Element,
    private readonly began: PointerEvent,
  ) {
    this.cutting = new Cutting(canvas, began);
  }

  move(event: PointerEvent): void {
    const far = Math.hypot(event.clientX - this.began.clientX, event.clientY - this.began.clientY);
    this.moved ||= far >= STILL;
    this.cutting.move(event);
  }

  drop(): void {
    const pressed = linkOf(this.began.target as Element);
    if (this.moved) this.cutting.drop();
    this.cutting.end();
    if (this.moved || pressed === null) return;
    edit("connect.cut", (doc) => unplugged(doc, [pressed]));
  }

  end(): void {
    this.cutting.end();
  }
}

/** The end of a link that was pressed, as what is held when that end is moved. */
function heldEnd(target: Element, event: MouseEvent): Hold | null {
  const id = linkOf(target);
  const catalogue = useNodes.getState().catalogue;
  if (id === null || catalogue === null || target.closest(".link-reroute")) return null;
  const doc = openDoc();
  const edge = edgeOf(doc, id);
  const source = edge && sourceOf(doc, catalogue, edge.target, edge.input);
  if (edge === undefined || source === undefined) return null;
  const into: Socket = { node: edge.target, port: edge.input, out: false };
  const at = canvasPoint({ x: event.clientX, y: event.clientY });
  const near = (socket: Socket) => {
    const place = socketAt(doc, catalogue, socket);
    return Math.hypot(place.x - at.x, place.y - at.y) * zoom() < END;
  };
  if (near(into)) return { end: source, moved: id };
  return near(source) ? { end: into, moved: id } : null;
}

function linkOf(target: Element): string | null {
  return target.closest(".react-flow__edge")?.getAttribute("data-id") ?? null;
}

const PICKED = "data-picked";

/** The point of a link that is pressed can be deleted with a key, until something else is. */
function takePoint(canvas: Element, target: Element): void {
  for (const one of canvas.querySelectorAll(`[${PICKED}]`)) one.removeAttribute(PICKED);
  const point = pointOf(target);
  if (point) target.setAttribute(PICKED, "");
  if (point || useConnecting.getState().point) useConnecting.setState({ point });
  if (point) select([]);
}

/** A click on a point is not one on its link, which would be what Delete deletes. */
function keepPoint(event: MouseEvent): void {
  if (pointOf(event.target as Element)) event.stopPropagation();
}

function pointOf(target: Element): { link: string; place: number } | null {
  const link = linkOf(target);
  if (link === null || !target.matches(".link-reroute")) return null;
  const all = target.closest(".react-flow__edge")?.querySelectorAll(".link-reroute") ?? [];
  return { link, place: [...all].indexOf(target) };
}

/** On a link: a point more, or the one that was pressed less. On nothing: the search. */
function doublePress(canvas: Element, event: MouseEvent): void {
  const target = event.target as Element;
  const catalogue = useNodes.getState().catalogue;
  if (catalogue === null || onNode(target) || target.closest("input, textarea")) return;
  const at = canvasPoint({ x: event.clientX, y: event.clientY });
  const point = pointOf(target);
  const link = linkOf(target);
  if (point) edit("connect.pointLess", (doc) => removePoint(doc, point.link, point.place));
  else if (link) addPointTo(link, at);
  else if (target.closest(".react-flow__pane")) show({ palette: { at } });
  markLink(canvas, "data-moved", null);
}
