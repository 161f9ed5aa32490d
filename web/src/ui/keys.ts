/** Keys as people of this machine and language write them. */

import { t } from "../text/catalogue";

const MAC = typeof navigator !== "undefined" && /Mac|iP(hone|ad|od)/.test(navigator.userAgent);
const ON_MAC: { readonly [key: string]: string } = {
  Mod: "⌘",
  Ctrl: "⌃",
  Alt: "⌥",
  Shift: "⇧",
};
const SIGNS: { readonly [key: string]: string } = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};
const NAMED = new Set([
  ..."Ctrl Shift Alt Enter Escape Delete Backspace Tab Space".split(" "),
  ..."Home End PageUp PageDown".split(" "),
]);

/** `Mod+Shift+Z` -> `Ctrl+Shift+Z`, `Strg+Umschalt+Z` or `⇧⌘Z`; several with a stroke between. */
export function keysText(keys: string): string {
  return keys.split(" ").map(stroke).join(" / ");
}

function stroke(keys: string): string {
  const parts = keys.split(/\+(?=.)/);
  if (MAC) return parts.map((part) => ON_MAC[part] ?? SIGNS[part] ?? named(part)).join("");
  return parts.map((part) => SIGNS[part] ?? named(part === "Mod" ? "Ctrl" : part)).join("+");
}

function named(key: string): string {
  return NAMED.has(key) ? t(`keys.${key}`) : key;
}
