/** What leads to nodes, what comes of them, and what is linked with them at all. */

import type { Workflow } from "./workflow";
import { edgesOf } from "./workflow";

export type Direction = "up" | "down" | "both";

/** The nodes themselves, and all that can be reached along links from them. */
export function reached(doc: Workflow, from: Iterable<string>, way: Direction): Set<string> {
  const next = new Map<string, string[]>();
  const lead = (one: string, other: string) => next.set(one, [...(next.get(one) ?? []), other]);
  for (const { source, target } of edgesOf(doc)) {
    if (way !== "up") lead(source, target);
    if (way !== "down") lead(target, source);
  }
  const found = new Set(from);
  const waiting = [...found];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const other of next.get(id) ?? []) {
      if (!found.has(other)) waiting.push(other);
      found.add(other);
    }
  }
  return found;
}

/** With the nodes that stand between some: as one node these would feed themselves otherwise. */
export function withBetween(doc: Workflow, ids: ReadonlySet<string>): Set<string> {
  const after = reached(doc, ids, "down");
  const before = reached(doc, ids, "up");
  return new Set([...after].filter((id) => before.has(id)));
}
