/** Going from node to node with keys, into a node and back, and moving what is selected. */

import { GRID } from "../canvas/grid";
import { flowInstance, focusNode, middle } from "../canvas/view";
import { sizes } from "../editing/picked";
import { movedBy } from "../graph/boxes";
import type { Point } from "../graph/edits";
import { middleOf } from "../graph/geometry";
import { withContents } from "../graph/groups";
import { type Direction, nearestTo, neighbour, readingOrder } from "../graph/neighbours";
import { bodyOf } from "../graph/path";
import { nodesOf } from "../graph/workflow";
import { activeTab, edit, openDoc, openPath } from "../store/documents";
import { select, selectedNodes } from "../store/selection";
import { t } from "../text/catalogue";
import { announce } from "./announce";
import { frameOf, showNode } from "./focus";
import { isPointing } from "./keyboard";
import { type Command, register } from "./registry";

/** Frames that a node may take to be drawn after the view has come to it. */
const DRAWN_TRIES = 60;
const FRAME = ".react-flow__node";
const TABBABLE =
  "input:not([type='hidden']), textarea, select, button, [tabindex='0'], [contenteditable='true']";

/** The node whose frame, rather than something in it, has the focus. */
function focused(): string | undefined {
  const element = document.activeElement;
  if (!element?.matches(FRAME)) return undefined;
  return element.querySelector("[data-node]")?.getAttribute("data-node") ?? undefined;
}

/** Where keys start from: the node with the focus, or the one that is selected. */
function current(): string | undefined {
  const selected = [...selectedNodes()].filter((id) => id in nodesOf(openDoc()));
  return focused() ?? selected.at(-1);
}

function middles(): Map<string, Point> {
  const made = new Map<string, Point>();
  for (const { id, type, position, width, height } of flowInstance()?.getNodes() ?? []) {
    if (type !== "node") continue;
    made.set(id, middleOf({ ...position, width: width ?? 0, height: height ?? 0 }));
  }
  return made;
}

function go(way: Direction, extend: boolean): void {
  const all = middles();
  const from = current();
  const to = from === undefined ? nearestTo(all, middle()) : neighbour(openDoc(), all, from, way);
  if (to === undefined) {
    announce(t("keyboard.nothing"));
    return;
  }
  showNode(to, extend ? [...selectedNodes(), to] : [to]);
}

/** Keys of the canvas: nothing else on the page has the focus. */
function onCanvas({ target }: KeyboardEvent): boolean {
  if (!(target instanceof Element) || target === document.body) return true;
  return target.matches(`${FRAME}, .react-flow, main`);
}

const WAYS = ["left", "right", "up", "down"] as const;
const ARROWS = { left: "ArrowLeft", right: "ArrowRight", up: "ArrowUp", down: "ArrowDown" };

function arrows(way: Direction): Command[] {
  const keys = ARROWS[way];
  const common = { when: onCanvas, hidden: true };
  return [
    { ...common, id: `graph.go.${way}`, keys, run: () => go(way, false) },
    { ...common, id: `graph.extend.${way}`, keys: `Shift+${keys}`, run: () => go(way, true) },
    {
      ...common,
      id: `graph.move.${way}`,
      keys: `Mod+${keys}`,
      enabled: () => selectedNodes().size > 0,
      run: () => move(way),
    },
  ];
}

function move(way: Direction): void {
  const [across, down] = GRID;
  const x = way === "left" ? -across : way === "right" ? across : 0;
  const y = way === "up" ? -down : way === "down" ? down : 0;
  const ids = [...selectedNodes()];
  const options = { merge: `nudge ${ids.join(" ")}` };
  edit(
    "edit.move",
    (doc) => movedBy(doc, withContents(doc, new Set(ids), sizes(doc)), { x, y }),
    options,
  );
}

/** To the next node as one reads; behind the last, and before the first, out of the canvas. */
function step(by: 1 | -1): void {
  const order = readingOrder(middles());
  const to = order[order.indexOf(focused() ?? "") + by];
  if (to === undefined) besideCanvas(by)?.focus();
  else showNode(to);
}

/** What Tab would come to if all nodes were one. */
function besideCanvas(by: 1 | -1): HTMLElement | undefined {
  const nodes = document.querySelector(".react-flow__nodes");
  const side = by === 1 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const all = [...document.querySelectorAll<HTMLElement>(`a[href], ${TABBABLE}`)];
  const beside = all.filter((one) => {
    const there = nodes && nodes.compareDocumentPosition(one) & side;
    return there && !nodes.contains(one) && one.tabIndex >= 0 && one.offsetParent !== null;
  });
  return by === 1 ? beside[0] : beside.at(-1);
}

function enter(): void {
  const id = focused();
  if (id === undefined) return;
  if (isBox(id)) focusNode(id);
  whenDrawn(id, DRAWN_TRIES);
}

/** Zoomed out, a node is a box without widgets. */
function isBox(id: string): boolean {
  return frameOf(id)?.querySelector(".node-far-title") != null;
}

function whenDrawn(id: string, tries: number): void {
  if (isBox(id) && tries > 0) requestAnimationFrame(() => whenDrawn(id, tries - 1));
  else into(id);
}

function into(id: string): void {
  const widgets = [...(frameOf(id)?.querySelectorAll(".node-widget-body") ?? [])];
  const first = widgets.map((one) => one.querySelector<HTMLElement>(TABBABLE)).find(Boolean);
  if (first) first.focus();
  else if (bodyOf(openDoc(), id)) {
    select([]);
    openPath([...activeTab().path, id]);
  } else announce(t("keyboard.noWidgets"));
}

/** Where Escape was pressed: a widget may have given the focus away by now. */
let left: Element | null = null;

/** From a widget back to its node; from the node to nothing. */
function leave(): void {
  const frame = left?.closest<HTMLElement>(FRAME);
  if (frame && frame !== left) {
    frame.focus();
    return;
  }
  frame?.blur();
  select([]);
}

function inNode({ target }: KeyboardEvent): boolean {
  left = target instanceof Element ? target : null;
  const within = left?.closest(FRAME) ?? null;
  return within !== null || (target === document.body && selectedNodes().size > 0);
}

/** A node that is reached with Tab is what commands are about. */
export function followFocus(): () => void {
  const follow = ({ target }: FocusEvent) => {
    const id = focused();
    if (id === undefined || !(target as Element).matches(":focus-visible")) return;
    if (!selectedNodes().has(id)) select([id]);
  };
  document.addEventListener("focusin", follow);
  return () => document.removeEventListener("focusin", follow);
}

const onFrame = () => focused() !== undefined && !isPointing();

register(
  ...WAYS.flatMap(arrows),
  {
    id: "graph.next",
    keys: "Tab",
    hidden: true,
    when: onFrame,
    run: () => step(1),
  },
  {
    id: "graph.previous",
    keys: "Shift+Tab",
    hidden: true,
    when: onFrame,
    run: () => step(-1),
  },
  {
    id: "graph.enter",
    keys: "Enter",
    hidden: true,
    when: () => focused() !== undefined,
    run: enter,
  },
  { id: "graph.leave", keys: "Escape", inFields: true, hidden: true, when: inNode, run: leave },
);
