/** JSON without loss: whole numbers that a double cannot hold are read and written as bigint. */

import { isInteger, parse, stringify } from "lossless-json";
import type { Json } from "./workflow";

/** Raises SyntaxError where the text is not JSON. */
export function parseJson(text: string): Json {
  return parse(text, undefined, readNumber) as Json;
}

export function writeJson(value: unknown, indent?: number): string {
  return stringify(value, undefined, indent) ?? "null";
}

function readNumber(text: string): number | bigint {
  const value = Number(text);
  return isInteger(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
}
