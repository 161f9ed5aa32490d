/** What may be connected to what: the same rules as the server's (tests/data/wires.json). */

import type { Wire, WireTypes } from "./schema";

const ANY = "object";

export function isAny(wire: Wire): boolean {
  return wire.types.includes(ANY);
}

/** Whether a value of `source` may flow into `target` as it is. */
export function accepts(target: Wire, source: Wire, types: WireTypes): boolean {
  if (target.variable !== null) return true;
  if (isAny(target) && !target.list) return true;
  if (source.optional && !target.optional) return false;
  if (target.list !== source.list) return isAny(source) && !source.list;
  return source.types.every((s) => target.types.some((t) => fits(s, t, types)));
}

/** Whether a list may flow in by running the node once for each of its elements. */
export function acceptsMapped(target: Wire, source: Wire, types: WireTypes): boolean {
  if (!source.list || source.optional || target.list) return false;
  return accepts(target, elementOf(source), types);
}

export function mayConnect(target: Wire, source: Wire, types: WireTypes): boolean {
  return accepts(target, source, types) || acceptsMapped(target, source, types);
}

/** The wider of two types, or undefined if neither holds the other's values. */
export function joined(first: Wire, other: Wire, types: WireTypes): Wire | undefined {
  if (accepts(other, first, types) && !isAny(first)) return other;
  return accepts(first, other, types) ? first : undefined;
}

export function elementOf(wire: Wire): Wire {
  return { types: wire.types, list: false, optional: false, variable: null };
}

export function listOf(wire: Wire): Wire {
  return { types: wire.types, list: true, optional: false, variable: null };
}

/** Whether two sockets carry just the same. */
export function sameWire(a: Wire, b: Wire): boolean {
  const sameTypes = a.types.length === b.types.length && a.types.every((t) => b.types.includes(t));
  return sameTypes && a.list === b.list;
}

/** The type of a value written into a workflow, as far as it is known. */
export function wireOfValue(value: unknown): Wire {
  const list = Array.isArray(value);
  const types = list ? [...new Set(value.map(elementType))] : [plainType(value) ?? ANY];
  return { types: types.length > 0 ? types : [ANY], list, optional: false, variable: null };
}

function plainType(value: unknown): string | undefined {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (typeof value === "bigint") return "int";
  if (value instanceof Number) return "float";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return undefined;
}

/** What stands in a list is named exactly: no socket takes nulls, objects or lists from it. */
function elementType(value: unknown): string {
  const plain = plainType(value);
  if (plain !== undefined) return plain;
  if (value === null) return "NoneType";
  return Array.isArray(value) ? "list" : "dict";
}

function fits(source: string, target: string, types: WireTypes): boolean {
  if (source === target || target === ANY || source === ANY) return true;
  if (target === "float") return source === "int";
  if (target === "int") return false;
  return types[source]?.includes(target) ?? false;
}
