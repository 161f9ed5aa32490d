/** Subgraphs that are kept on the server as nodes of one's own: plain workflows under a prefix. */

import { setInput } from "./edits";
import { bodyOf } from "./path";
import { bodyInputs, bodyOutputs } from "./ports";
import type { Catalogue, NodeSchema } from "./schema";
import type { Json, NodeEntry, Workflow } from "./workflow";
import { inputsOf, isLink, nodesOf, SUBGRAPH } from "./workflow";

export const REUSABLE = "nodes/";

/** The title of a saved node; undefined for other workflows. */
export function reusableTitle(name: string): string | undefined {
  return name.startsWith(REUSABLE) ? name.slice(REUSABLE.length) : undefined;
}

/** What is kept of a subgraph: its body, with the values that it is given here. */
export function reusableFrom(doc: Workflow, id: string, title: string): Workflow | undefined {
  const body = bodyOf(doc, id);
  const entry = nodesOf(doc)[id];
  if (body === undefined || entry === undefined) return undefined;
  let made: Workflow = { ...body, name: title };
  for (const [port, value] of Object.entries(inputsOf(entry))) {
    const ref = body.inputs?.[port];
    if (ref && !isLink(value)) made = setInput(made, ref.node, ref.input, value);
  }
  return made;
}

/** A saved node as if it were a type of its own. */
export function reusableSchema(
  title: string,
  saved: Workflow,
  category: string,
  catalogue: Catalogue,
): NodeSchema {
  const about: unknown = (saved as { description?: unknown }).description;
  return {
    name: REUSABLE + title,
    display_name: title,
    description: typeof about === "string" ? about : "",
    category,
    version: 1,
    pack: "",
    effect: false,
    volatile: false,
    deprecated: null,
    aliases: [],
    inputs: bodyInputs(saved, catalogue),
    outputs: bodyOutputs(saved, catalogue),
    extras: true,
    body_outputs: {},
    migrates: false,
    body: saved,
  };
}

/** A node that holds a copy of a saved one. */
export function reusableEntry(saved: Workflow): NodeEntry {
  return { type: SUBGRAPH, inputs: { body: saved as unknown as Json } };
}
