/** The ports of a subgraph: found by a key that stays, shown by a label that may change. */

import { free } from "./crossing";
import { inputNameOf, outputNameOf, type Side } from "./declared";
import { disconnect, setInput } from "./edits";
import { bodyOf } from "./path";
import { tidied } from "./removing";
import type { InputRef, Json, OutputRef, Workflow } from "./workflow";
import { edgesOf, inputsOf, isLink, nodesOf } from "./workflow";

type Refs = { readonly [key: string]: InputRef | OutputRef };

/** The key of the port that an input or output inside has, if it has one. */
export function portAt(
  body: Workflow,
  side: Side,
  node: string,
  field: string,
): string | undefined {
  return (side === "inputs" ? inputNameOf : outputNameOf)(body, node, field);
}

/** Makes an inner input or output a port; as it was if it is one. */
export function exposed(body: Workflow, side: Side, node: string, field: string): Workflow {
  if (portAt(body, side, node, field)) return body;
  const refs = (body[side] ?? {}) as Refs;
  const ref = side === "inputs" ? { node, input: field } : { node, output: field };
  return { ...body, [side]: { ...refs, [free(refs, field)]: ref } };
}

/** A subgraph without a port: a value that stood there goes inside, links there are cut. */
export function withoutPort(doc: Workflow, id: string, side: Side, key: string): Workflow {
  const body = bodyOf(doc, id);
  const { [key]: ref, ...rest } = (body?.[side] ?? {}) as Refs;
  if (body === undefined || ref === undefined) return doc;
  let inner: Workflow = { ...body, [side]: rest };
  let made = doc;
  if (side === "outputs") {
    for (const edge of edgesOf(doc)) {
      const only = edge.output ?? (Object.keys(rest).length === 0 ? key : undefined);
      if (edge.source === id && only === key) made = disconnect(made, edge.target, edge.input);
    }
  } else {
    const value = inputsOf(nodesOf(doc)[id] ?? { type: "" })[key];
    const field = (ref as InputRef).input;
    if (value !== undefined && !isLink(value)) inner = setInput(inner, ref.node, field, value);
    made = setInput(made, id, key, undefined);
  }
  made = setInput(made, id, "body", inner as unknown as Json);
  return tidied(withoutRefs(made, id, side, key));
}

/** What the workflow around declares of the port goes with it. */
function withoutRefs(doc: Workflow, id: string, side: Side, key: string): Workflow {
  const refs = doc[side] as Refs | undefined;
  if (refs === undefined) return doc;
  const leadsThere = (ref: InputRef | OutputRef) =>
    ref.node === id && (side === "inputs" ? ref.input : ref.output) === key;
  const kept = Object.entries(refs).filter(([, ref]) => !leadsThere(ref));
  return kept.length === Object.keys(refs).length
    ? doc
    : { ...doc, [side]: Object.fromEntries(kept) };
}
