/** What two workflows differ in, by node. */

import { type NodeEntry, nodesOf, type Workflow } from "../graph/workflow";

export interface Differences {
  /** Ids of nodes that only the second has. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Nodes of another type, other values or links, or another mode. */
  readonly changed: readonly string[];
  /** Whether anything is at another place, or coloured or titled otherwise. */
  readonly layout: boolean;
  /** Whether anything else is different: its name, the declared inputs and outputs. */
  readonly rest: boolean;
}

export function differences(before: Workflow, after: Workflow): Differences {
  const [old, now] = [nodesOf(before), nodesOf(after)];
  const both = Object.keys(old).filter((id) => id in now);
  return {
    added: Object.keys(now).filter((id) => !(id in old)),
    removed: Object.keys(old).filter((id) => !(id in now)),
    changed: both.filter((id) => !same(old[id], now[id])),
    layout: !same(before.layout ?? {}, after.layout ?? {}),
    rest: !same(around(before), around(after)),
  };
}

/** One thing of a node that is not the same: a value, a link, its type or its mode. */
export interface FieldChange {
  readonly node: string;
  readonly field: string;
  /** Undefined where there is nothing. */
  readonly from: unknown;
  readonly to: unknown;
}

/** What is not the same in the nodes that both have, in the order of the first. */
export function fieldChanges(before: Workflow, after: Workflow): FieldChange[] {
  const [old, now] = [nodesOf(before), nodesOf(after)];
  return differences(before, after).changed.flatMap((node) => {
    const [one, other] = [partsOf(old[node]), partsOf(now[node])];
    const fields = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return fields
      .filter((field) => !same(one[field], other[field]))
      .map((field) => ({ node, field, from: one[field], to: other[field] }));
  });
}

/** The inputs of a node beside all else that it holds. */
function partsOf(entry: NodeEntry | undefined): { readonly [field: string]: unknown } {
  const { inputs = {}, ...rest } = entry ?? {};
  return { ...rest, ...inputs };
}

export function isSame({ added, removed, changed, layout, rest }: Differences): boolean {
  return added.length + removed.length + changed.length === 0 && !layout && !rest;
}

function around(doc: Workflow): unknown {
  const { nodes: _nodes, layout: _layout, inputs = {}, outputs = {}, ...rest } = doc;
  return { ...rest, inputs, outputs };
}

/** Whether two JSON values say the same; the order of keys says nothing. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one instanceof Number || other instanceof Number) {
    return one instanceof Number && other instanceof Number && one.valueOf() === other.valueOf();
  }
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [a, b] = [one, other] as { readonly [key: string]: unknown }[];
  if (a === undefined || b === undefined) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]))
  );
}
