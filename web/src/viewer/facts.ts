/** What a result was made with: every value in its workflow, what people ask for most first. */

import { bodyOf } from "../graph/path";
import { portsOf } from "../graph/ports";
import type { Catalogue, Widget } from "../graph/schema";
import { isLink, literalOf, nodesOf, placeOf, type Workflow } from "../graph/workflow";

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** A text worth lines of its own. */
  readonly long: boolean;
}

export interface FactGroup {
  /** The id of the node. */
  readonly node: string;
  readonly title: string;
  readonly facts: readonly Fact[];
}

const LONG = 60;

/** Groups of nodes in the order of importance: prompts, then seeds and models, then the rest. */
export function factsOf(doc: Workflow, catalogue: Catalogue, only?: ReadonlySet<string>) {
  return groups(doc, catalogue, "", "")
    .filter(({ node }) => only === undefined || only.has(node.split("/")[0] ?? ""))
    .sort((a, b) => a.rank - b.rank)
    .map(({ node, title, facts }): FactGroup => ({ node, title, facts }));
}

/** The nodes that an output of a node depends on, with that node. */
export function ancestors(doc: Workflow, node: string): Set<string> {
  const found = new Set<string>();
  const waiting = [node.split("/")[0] ?? node];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const value of Object.values(nodesOf(doc)[id]?.inputs ?? {})) {
      if (isLink(value)) waiting.push(value.node);
    }
  }
  return found;
}

interface Ranked extends FactGroup {
  readonly rank: number;
}

function groups(doc: Workflow, catalogue: Catalogue, prefix: string, above: string): Ranked[] {
  return Object.entries(nodesOf(doc)).flatMap(([id, entry]) => {
    const ports = portsOf(doc, id, catalogue);
    const title = placeOf(doc, id).title || ports.schema?.display_name || entry.type;
    let rank = 3;
    const facts = ports.inputs.flatMap((input): Fact[] => {
      const value = literalOf(entry.inputs?.[input.name] ?? input.default);
      if (value === undefined || value === null || typeof value === "object") return [];
      rank = Math.min(rank, rankOf(input.widget));
      const text = String(value);
      return [{ name: input.name, value: text, long: text.length > LONG || text.includes("\n") }];
    });
    const body = bodyOf(doc, id);
    const path = above ? `${above} › ${title}` : title;
    const inner = body ? groups(body, catalogue, `${prefix}${id}/`, path) : [];
    const own = facts.length > 0 ? [{ node: prefix + id, title: path, facts, rank }] : [];
    return [...own, ...inner];
  });
}

function rankOf(widget: Widget | undefined): number {
  if (widget?.prompt) return 0;
  if (widget?.kind === "seed") return 1;
  if (widget?.kind === "model") return 2;
  return 3;
}
