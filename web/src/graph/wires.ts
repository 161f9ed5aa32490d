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
  if (target.list !== source.list) return isAny(source) && !source.list;
  return source.types.every((s) => target.types.some((t) => fits(s, t, types)));
}

/** Whether a list may flow in by running the node once for each of its elements. */
export function acceptsMapped(target: Wire, source: Wire, types: WireTypes): boolean {
  return source.list && !target.list && accepts(target, { ...source, list: false }, types);
}

export function mayConnect(target: Wire, source: Wire, types: WireTypes): boolean {
  return accepts(target, source, types) || acceptsMapped(target, source, types);
}

function fits(source: string, target: string, types: WireTypes): boolean {
  if (source === target || target === ANY || source === ANY) return true;
  if (target === "float") return source === "int";
  if (target === "int") return false;
  return types[source]?.includes(target) ?? false;
}
