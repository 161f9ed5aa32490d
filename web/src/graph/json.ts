/** JSON without loss: whole numbers that a double cannot hold are read and written as bigint. */

import type { Json } from "./workflow";

/** Digits enough for a number that a double may not hold; nearly all texts have none such. */
const LONG = /\d{16}/;
/** A string, or a number: what a number in a string looks like is none. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const WHOLE = /^-?\d{16,}$/;

/** Stands before large numbers where they pass through `JSON` as strings; nobody writes it. */
const MARK = `bigint ${Math.random()} `;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, "g");

/** Raises SyntaxError where the text is not JSON. */
export function parseJson(text: string): Json {
  if (!LONG.test(text)) return JSON.parse(text) as Json;
  let found = false;
  const marked = text.replace(TOKENS, (token) => {
    if (!WHOLE.test(token) || Number.isSafeInteger(Number(token))) return token;
    found = true;
    return `"${MARK}${token}"`;
  });
  return JSON.parse(marked, found ? unmarked : undefined) as Json;
}

function unmarked(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(MARK)) return value;
  return BigInt(value.slice(MARK.length));
}

export function writeJson(value: unknown, indent?: number): string {
  let found = false;
  const written = JSON.stringify(
    value,
    (_key, one: unknown) => {
      if (typeof one !== "bigint") return one;
      found = true;
      return `${MARK}${one}`;
    },
    indent,
  );
  return found ? written.replace(MARKED, "$1") : (written ?? "null");
}
