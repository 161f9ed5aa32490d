/** Which value counts: inside of a subgraph that of a port, where one is set outside. */

import { at, type Path } from "./path";
import type { Catalogue } from "./schema";
import type { Json, Workflow } from "./workflow";

/** An input of a node of the workflow that is open at a path. */
export interface Field {
  readonly path: Path;
  readonly node: string;
  readonly input: string;
}

/**
 * Where the value of an input is set: at the outermost port that has one, or at the input itself.
 * What the node around takes for itself, as its type declares, goes to no port of that name.
 */
export function holderOf(doc: Workflow, here: Field, catalogue: Catalogue | null): Field {
  const { path, node, input } = here;
  const holder = path.at(-1);
  if (holder === undefined) return here;
  const around = path.slice(0, -1);
  const type = at(doc, around)?.nodes?.[holder]?.type ?? "";
  const own = new Set(catalogue?.find(type)?.inputs.map((one) => one.name));
  for (const [port, ref] of Object.entries(at(doc, path)?.inputs ?? {})) {
    if (ref.node !== node || ref.input !== input || own.has(port)) continue;
    const outer = holderOf(doc, { path: around, node: holder, input: port }, catalogue);
    if (valueAt(doc, outer) !== undefined) return outer;
  }
  return here;
}

export function valueAt(doc: Workflow, { path, node, input }: Field): Json | undefined {
  return at(doc, path)?.nodes?.[node]?.inputs?.[input];
}
