/** Names of keys. */

import type { Texts } from "./catalogue";

export const keys = {
  "keys.Ctrl": { en: "Ctrl", de: "Strg" },
  "keys.Shift": { en: "Shift", de: "Umschalt" },
  "keys.Alt": { en: "Alt", de: "Alt" },
  "keys.Enter": { en: "Enter", de: "Eingabe" },
  "keys.Escape": { en: "Esc", de: "Esc" },
  "keys.Delete": { en: "Del", de: "Entf" },
  "keys.Backspace": { en: "Backspace", de: "Rücktaste" },
  "keys.Tab": { en: "Tab", de: "Tab" },
  "keys.Space": { en: "Space", de: "Leertaste" },
  "keys.Home": { en: "Home", de: "Pos1" },
  "keys.End": { en: "End", de: "Ende" },
  "keys.PageUp": { en: "PgUp", de: "Bild auf" },
  "keys.PageDown": { en: "PgDn", de: "Bild ab" },
} satisfies Texts;
