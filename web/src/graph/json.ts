/**
 * JSON without loss. Whole numbers that a double cannot hold are read and written as bigint. In the
 * nodes of workflows a number with a point stays one: 1.0 is read as an object, `new Number(1)`.
 */

import type { Json } from "./workflow";

/** Digits enough for a number that a double may not hold; nearly all texts have none such. */
const LONG = /\d{16}/;
/** A string, or a number: what a number in a string looks like is none. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WHOLE = /^-?\d{16,}$/;
/** What may be a whole number that is written as another; most texts have it in strings alone. */
const POINTED = /\d\.0|\d[eE]/;

/** Stands before such numbers where they pass through `JSON` as strings; nobody writes it. */
const MARK = `number ${Math.random()} `;
const MARKED = new RegExp(`"${MARK}([-+.\\deE]+)"`, "g");

/** Raises SyntaxError where the text is not JSON. */
export function parseJson(text: string): Json {
  const { value, found } = parsed(text);
  return found ? plainOutside(value, false) : value;
}

/** As `parseJson`, for a value that stands in a node: 1.0 is an object at every place. */
export function parseExact(text: string): Json {
  return parsed(text).value;
}

/** `found`: whether something in it is no plain number. */
function parsed(text: string): { value: Json; found: boolean } {
  let found = false;
  if (!LONG.test(text) && !POINTED.test(text)) return { value: JSON.parse(text) as Json, found };
  const marked = text.replace(TOKENS, (token) => {
    if (token.startsWith('"') || !isMarked(token)) return token;
    found = true;
    return `"${MARK}${token}"`;
  });
  return { value: JSON.parse(marked, found ? unmarked : undefined) as Json, found };
}

/** A number that no double is written back as: a large whole one, 1.0, 1e400. */
function isMarked(token: string): boolean {
  const value = Number(token);
  if (!/[.eE]/.test(token)) return WHOLE.test(token) && !Number.isSafeInteger(value);
  return NUMBER.test(token) && (Number.isInteger(value) || !Number.isFinite(value));
}

function unmarked(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(MARK)) return value;
  const text = value.slice(MARK.length);
  return /[.eE]/.test(text) ? Object(Number(text)) : BigInt(text);
}

/** A value with numbers for the objects that stand elsewhere than in nodes, changed in place. */
function plainOutside(value: unknown, exact: boolean): Json {
  if (value instanceof Number) return (exact ? value : value.valueOf()) as Json;
  if (typeof value !== "object" || value === null) return value as Json;
  const isWorkflow = "nodegraph" in value && "nodes" in value;
  const held = value as { [key: string]: unknown };
  for (const [key, one] of Object.entries(held)) {
    if (typeof one !== "object") continue;
    if (isWorkflow && key === "nodes") eachNode(one);
    else held[key] = plainOutside(one, exact && !isWorkflow);
  }
  return value as Json;
}

function eachNode(nodes: unknown): void {
  for (const entry of Object.values(nodes ?? {})) {
    if (entry instanceof Number) continue;
    const { version } = plainOutside(entry, true) as { version?: unknown };
    if (version instanceof Number) (entry as { version: number }).version = version.valueOf();
  }
}

export function writeJson(value: unknown, indent?: number): string {
  let found = false;
  const written = JSON.stringify(
    value,
    (_key, one: unknown) => {
      if (typeof one !== "bigint" && !(one instanceof Number)) return one;
      found = true;
      return `${MARK}${typeof one === "bigint" ? one : pointed(one.valueOf())}`;
    },
    indent,
  );
  return found ? written.replace(MARKED, "$1") : (written ?? "null");
}

function pointed(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-1e400" : "1e400";
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
