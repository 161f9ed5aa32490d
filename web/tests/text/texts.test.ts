/** Every text is there, in every language, and is used. */

import { expect, test } from "vitest";
import { allTexts } from "../../src/text/catalogue";

const LANGUAGES = ["en", "de"] as const;
const TEXTS = allTexts();
const KEYS = Object.keys(TEXTS);
const PARTS = new Set(KEYS.map((key) => key.split(".")[0]));
const FILES: Record<string, string> = import.meta.glob("../../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});
const SOURCES = Object.entries(FILES)
  .filter(([path]) => !path.includes("/src/text/"))
  .map(([, source]) => source);

/** Keys as they stand in the sources, and those put together: `canvas.status.${status}`. */
const LITERAL = new Set<string>();
const PATTERNS: RegExp[] = [];
for (const source of SOURCES) {
  for (const [, key] of source.matchAll(/["'`]([a-zA-Z]+(?:\.[\w-]+)+)["'`]/g)) {
    if (key !== undefined) LITERAL.add(key);
  }
  for (const [, made] of source.matchAll(/`([a-zA-Z]+\.[\w.-]*\$\{[^`]*)`/g)) {
    const parts = (made ?? "").split(/\$\{[^}]*\}/).map((part) => part.replace(/\./g, "\\."));
    PATTERNS.push(new RegExp(`^${parts.join(".+")}$`));
  }
}
/** Commands are named by `command.${id}`: only those that are registered need a name. */
const COMMANDS = SOURCES.flatMap((source) =>
  [...source.matchAll(/\bid: "([a-z]+\.[\w.]+)"/g)].map(([, id]) => `command.${id}`),
);

/** What is asked for by name, whatever the part is called. */
const ASKED = SOURCES.flatMap((source) =>
  [...source.matchAll(/\b(?:t|edit)\(\s*"([\w.]+)"/g)].map(([, key]) => key ?? ""),
);

function isUsed(key: string): boolean {
  if (LITERAL.has(key)) return true;
  if (key.startsWith("command.")) return COMMANDS.includes(key) || isUsed(key.slice(8));
  return PATTERNS.some((pattern) => pattern.test(key));
}

test("every text is there in every language", () => {
  const missing = KEYS.filter((key) =>
    LANGUAGES.some((language) => !TEXTS[key]?.[language]?.trim()),
  );
  expect(missing).toEqual([]);
});

test("every language fills in the same values", () => {
  const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  const differing = KEYS.filter((key) => {
    const [first, ...others] = LANGUAGES.map(
      (language) => `${values(TEXTS[key]?.[language] ?? "")}`,
    );
    return others.some((other) => other !== first);
  });
  expect(differing).toEqual([]);
});

test("every key that is used has a text", () => {
  const isKey = (key: string) =>
    PARTS.has(key.split(".")[0]) && !COMMANDS.includes(`command.${key}`);
  const used = [...new Set([...LITERAL].filter(isKey).concat(ASKED))];
  expect(used.filter((key) => !(key in TEXTS))).toEqual([]);
  expect(COMMANDS.filter((key) => !(key in TEXTS))).toEqual([]);
});

test("every text is used", () => {
  expect(KEYS.filter((key) => !isUsed(key))).toEqual([]);
});

test("German is no copy of the English", () => {
  const same = KEYS.filter((key) => {
    const { en = "", de = "" } = TEXTS[key] ?? {};
    return en === de && en.split(/\s+/).length > 2;
  });
  expect(same).toEqual([]);
});
