/** What a workflow declares: the inputs and outputs that make it a function, or a form. */

import type { InputRef, OutputRef, Workflow } from "./workflow";

export type Side = "inputs" | "outputs";
export type Ref = InputRef | OutputRef;
type Refs = { readonly [name: string]: Ref };

export function declaredOf(doc: Workflow, side: Side): [string, Ref][] {
  return Object.entries((doc[side] ?? {}) as Refs);
}

/** The name a field is declared under. */
export function inputNameOf(doc: Workflow, node: string, input: string): string | undefined {
  const found = Object.entries(doc.inputs ?? {}).find(
    ([, ref]) => ref.node === node && ref.input === input,
  );
  return found?.[0];
}

/** The name an output is declared under; `undefined` as output means what a node saved. */
export function outputNameOf(
  doc: Workflow,
  node: string,
  output: string | undefined,
): string | undefined {
  const found = Object.entries(doc.outputs ?? {}).find(
    ([, ref]) => ref.node === node && ref.output === output,
  );
  return found?.[0];
}

/** Declares a field under its own name, or one like it that is free. */
export function declareInput(doc: Workflow, node: string, input: string): Workflow {
  if (inputNameOf(doc, node, input) !== undefined) return doc;
  return withRef(doc, "inputs", input, { node, input });
}

export function declareOutput(
  doc: Workflow,
  node: string,
  output: string | undefined,
  name: string,
): Workflow {
  if (outputNameOf(doc, node, output) !== undefined) return doc;
  return withRef(doc, "outputs", name, output === undefined ? { node } : { node, output });
}

export function undeclare(doc: Workflow, side: Side, name: string): Workflow {
  const { [name]: gone, ...rest } = (doc[side] ?? {}) as Refs;
  return gone === undefined ? doc : { ...doc, [side]: rest };
}

/** Gives another name, in the same place; the same workflow where that one is taken or empty. */
export function rename(doc: Workflow, side: Side, name: string, to: string): Workflow {
  const all = declaredOf(doc, side);
  const taken = all.some(([one]) => one === to);
  if (to === "" || taken || !all.some(([one]) => one === name)) return doc;
  return withAll(
    doc,
    side,
    all.map(([one, ref]) => [one === name ? to : one, ref]),
  );
}

/** Sets the words that people read; empty ones are left out. */
export function describe(
  doc: Workflow,
  side: Side,
  name: string,
  words: { readonly label?: string; readonly description?: string },
): Workflow {
  const all = declaredOf(doc, side).map(([one, ref]): [string, Ref] => {
    if (one !== name) return [one, ref];
    const made: Record<string, unknown> = { ...ref, ...words };
    for (const key of Object.keys(words)) if (made[key] === "") delete made[key];
    return [one, made as unknown as Ref];
  });
  return withAll(doc, side, all);
}

/** Moves one up (-1) or down (1). */
export function reorder(doc: Workflow, side: Side, name: string, by: number): Workflow {
  const all = declaredOf(doc, side);
  const from = all.findIndex(([one]) => one === name);
  const to = from + by;
  const moved = all[from];
  if (moved === undefined || to < 0 || to >= all.length) return doc;
  all.splice(from, 1);
  all.splice(to, 0, moved);
  return withAll(doc, side, all);
}

/** What a reference is called for people. */
export function titleOf(name: string, ref: Ref): string {
  const words = name.replaceAll("_", " ");
  return ref.label || words.charAt(0).toUpperCase() + words.slice(1);
}

/** A workflow and a reference may hold one; the field is not part of the language. */
export function descriptionOf(from: object): string {
  const found: unknown = (from as { description?: unknown }).description;
  return typeof found === "string" ? found : "";
}

function withRef(doc: Workflow, side: Side, base: string, ref: Ref): Workflow {
  const taken = (doc[side] ?? {}) as Refs;
  let name = base;
  for (let n = 2; name in taken; n += 1) name = `${base}-${n}`;
  return { ...doc, [side]: { ...taken, [name]: ref } };
}

function withAll(doc: Workflow, side: Side, all: readonly [string, Ref][]): Workflow {
  return { ...doc, [side]: Object.fromEntries(all) };
}
