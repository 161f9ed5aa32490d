/** One handler for all keys: it finds the command and runs it, unless the keys are a field's own. */

import { useView } from "../store/view";
import { commandsOn, pressed } from "./keys";
import type { Command } from "./registry";

/** Keys that mean something to controls that have the focus. */
const OF_CONTROLS = new Set(
  "Space Enter ArrowUp ArrowDown ArrowLeft ArrowRight Home End PageUp PageDown".split(" "),
);
const FIELD = "input, textarea, select, [contenteditable='true'], [role='textbox']";
const CONTROL =
  "button, a[href], summary, audio, video, [role='button'], [role='menuitem'], [role='option']," +
  " [role='slider'], [role='switch'], [role='tab'], [role='checkbox'], [role='separator']";
/** Who goes about with these does not point. */
const GOING = /^(Shift\+)?(Tab|Arrow\w+)$/;
/** What lies over the page; only what works in fields works there. */
const OVER = "[role='dialog'], [role='alertdialog'], [role='menu'], [role='listbox']";

const MODAL = "[data-modal][data-open]";

/** What makes sense where no canvas is seen. */
const ON_FORM = /^(file|run|help)\.|^edit\.(undo|redo)$/;

/** Whether the pointer was used last, and on the canvas: then Tab is no way round the page. */
let pointing = false;

export function isPointing(): boolean {
  return pointing;
}

/** Starts to listen; returns the function that ends it. */
export function listenToKeys(): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const point = ({ target }: Event) => {
    pointing = target instanceof Element && target.closest(".react-flow") !== null;
  };
  window.addEventListener("keydown", answer, { signal });
  window.addEventListener("pointerdown", point, { signal, capture: true });
  return () => stop.abort();
}

function answer(event: KeyboardEvent): void {
  const stroke = pressed(event);
  const target = event.target instanceof Element ? event.target : document.body;
  if (stroke === undefined || event.defaultPrevented || event.isComposing) return;
  const command = ownKey(target, stroke) ? undefined : commandFor(stroke, event, target);
  if (GOING.test(stroke)) pointing = false;
  // The browser's own meaning would be a surprise there: it would save the page, say.
  if (command === undefined && isCovered() && commandsOn(stroke).some(({ inFields }) => inFields))
    event.preventDefault();
  if (command === undefined) return;
  event.preventDefault();
  void command.run();
}

function commandFor(stroke: string, event: KeyboardEvent, target: Element): Command | undefined {
  return commandsOn(stroke).find(
    (command) =>
      reaches(command, target) && command.when?.(event) !== false && command.enabled?.() !== false,
  );
}

function ownKey(target: Element, stroke: string): boolean {
  return OF_CONTROLS.has(stroke.replace("Shift+", "")) && target.closest(CONTROL) !== null;
}

/** A dialog is to be answered first: what works beneath it may take away what it is about. */
function isCovered(): boolean {
  return document.querySelector(MODAL) !== null;
}

function reaches(command: Command, target: Element): boolean {
  if (isCovered() && !command.overDialogs) return false;
  if (command.inFields) return true;
  if (target.closest(FIELD) || target.closest(OVER)) return false;
  const { page, palette, commands, connect, dialog } = useView.getState();
  if (page === "form" && !ON_FORM.test(command.id)) return false;
  return palette === null && !commands && connect === null && dialog === null;
}
