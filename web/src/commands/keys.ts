/** Keys as commands name them, read from what the browser says was pressed. */

import { allCommands, type Command, keysOf } from "./registry";

export const MAC =
  typeof navigator !== "undefined" && /Mac|iP(hone|ad|od)/.test(navigator.userAgent);

export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey"
>;

const ALONE = new Set([
  "Control",
  "Shift",
  "Alt",
  "Meta",
  "AltGraph",
  "Dead",
  "Process",
  "CapsLock",
]);

/** `Mod+Shift+Z` for a press of these keys; undefined for modifiers alone. */
export function pressed(event: KeyPress, mac: boolean = MAC): string | undefined {
  if (ALONE.has(event.key)) return undefined;
  const key = nameOf(event);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const ctrl = mac ? event.ctrlKey : event.metaKey;
  // A sign such as `?` was made with Shift already, where the keyboard needs it.
  const shift = event.shiftKey && (key.length > 1 || /\p{L}|\p{N}/u.test(key));
  const parts = [mod && "Mod", ctrl && "Ctrl", event.altKey && "Alt", shift && "Shift", key];
  return parts.filter(Boolean).join("+");
}

/** Letters by what they write; by their place on the keyboard where they write no Latin letter. */
function nameOf({ key, code, altKey }: KeyPress): string {
  if (key === " ") return "Space";
  if (key.length > 1) return key;
  const place = /^(?:Key|Digit)([A-Z\d])$/.exec(code)?.[1];
  const latin = /^[\x20-\x7e]$/.test(key);
  if (place && (!latin || altKey)) return place;
  return key.toUpperCase();
}

/** The same keys, written in one order: what a person or an old setting may have written. */
export function normal(stroke: string): string {
  const parts = stroke.split(/\+(?=.)/);
  const key = parts.at(-1) ?? "";
  const order = ["Mod", "Ctrl", "Alt", "Shift"].filter((one) => parts.slice(0, -1).includes(one));
  return [...order, key.length === 1 ? key.toUpperCase() : key].join("+");
}

export function strokesOf(keys: string | undefined): string[] {
  return (keys ?? "").split(" ").filter(Boolean).map(normal);
}

/** The commands that a stroke runs, in the order in which they are asked. */
export function commandsOn(stroke: string): Command[] {
  return allCommands().filter((command) => strokesOf(keysOf(command)).includes(stroke));
}

/**
 * Other commands that would answer to keys that are to be set for one: what had them by its
 * default beside it already (such as Delete, for what is selected) is no conflict.
 */
export function conflictsWith(id: string, keys: string): Command[] {
  const strokes = strokesOf(keys);
  return allCommands().filter((other) => {
    if (other.id === id) return false;
    const shared = strokesOf(keysOf(other)).filter((stroke) => strokes.includes(stroke));
    const meant = strokesOf(other.keys);
    const mine = strokesOf(allCommands().find((one) => one.id === id)?.keys);
    return shared.some((stroke) => !(meant.includes(stroke) && mine.includes(stroke)));
  });
}
