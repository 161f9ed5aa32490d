/** Seeds of a workflow: where they are, and how they change from one run to the next. */

import { DRAWN_BELOW, drawSeed, RANDOM } from "../graph/drawn";
import { setInput } from "../graph/edits";
import { at, bodyOf, changeAt, type Path } from "../graph/path";
import { portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import { isLink, type Json, literalOf, nodesOf, type Workflow } from "../graph/workflow";
import { titleIn } from "../panels/names";

export type SeedChange = "random" | "increment" | "keep";

export interface SeedField {
  /** The subgraphs it is in. */
  readonly path: Path;
  readonly node: string;
  readonly input: string;
  readonly value: Json | undefined;
  readonly max: number | bigint | undefined;
}

/** Names a field in reports and choices, such as `face/sample.seed`. */
export function seedKey({ path, node, input }: Pick<SeedField, "path" | "node" | "input">): string {
  return `${[...path, node].join("/")}.${input}`;
}

/** Names a field for people, by the titles of nodes: `Face › Sampler · seed`. */
export function seedTitle(doc: Workflow, { path, node, input }: SeedField): string {
  const ids = [...path, node];
  const titles = ids.map((id, depth) => titleIn(at(doc, path.slice(0, depth)), id));
  return `${titles.join(" › ")} · ${input}`;
}

/** Every input with a seed widget that holds a value of its own. */
export function seedFields(doc: Workflow, catalogue: Catalogue, path: Path = []): SeedField[] {
  const fromOutside = new Set(
    path.length === 0 ? [] : Object.values(doc.inputs ?? {}).map((r) => `${r.node}.${r.input}`),
  );
  return Object.entries(nodesOf(doc)).flatMap(([node, entry]) => {
    if (entry.mode !== undefined) return [];
    const found = portsOf(doc, node, catalogue).inputs.flatMap((input): SeedField[] => {
      const set = entry.inputs?.[input.name];
      const value = set === undefined ? input.default : set;
      const outside = fromOutside.has(`${node}.${input.name}`);
      if (input.widget?.kind !== "seed" || isLink(set) || outside) return [];
      return [{ path, node, input: input.name, value, max: input.widget.max }];
    });
    const body = bodyOf(doc, node);
    return body ? [...found, ...seedFields(body, catalogue, [...path, node])] : found;
  });
}

/** What stands in a workflow after `turn` runs; the first run of an increment keeps what is there. */
export function nextSeed(field: SeedField, change: SeedChange, turn: number, drawn: bigint): Json {
  const value = literalOf(field.value) ?? 0;
  if (change === "keep") return value;
  if (change === "random") return RANDOM;
  const from = typeof value === "number" || typeof value === "bigint" ? BigInt(value) : drawn;
  const size = BigInt(field.max ?? DRAWN_BELOW - 1) + 1n;
  return asJson((from + BigInt(turn)) % size);
}

/** The workflows of `count` runs in which the seeds change as they were chosen. */
export function variations(
  doc: Workflow,
  fields: readonly SeedField[],
  changeOf: (field: SeedField) => SeedChange,
  count: number,
  draw: () => bigint = () => BigInt(drawSeed()),
): Workflow[] {
  const first = new Map(fields.map((field) => [field, draw()]));
  return Array.from({ length: count }, (_, turn) =>
    fields.reduce((made, field) => {
      const change = changeOf(field);
      if (change === "keep") return made;
      const seed = nextSeed(field, change, turn, first.get(field) ?? 0n);
      return changeAt(made, field.path, (open) => setInput(open, field.node, field.input, seed));
    }, doc),
  );
}

/** The same workflow with every seed to be drawn anew. */
export function withNewSeeds(doc: Workflow, catalogue: Catalogue): Workflow {
  const fields = seedFields(doc, catalogue);
  return variations(doc, fields, () => "random", 1)[0] ?? doc;
}

function asJson(seed: bigint): number | bigint {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed;
}
