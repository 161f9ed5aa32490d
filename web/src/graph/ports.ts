/** What a node takes and gives where it stands: from its type, its body, or what is linked to it. */

import { bodyOf } from "./path";
import type { Catalogue, InputSchema, NodeSchema, OutputSchema, Wire } from "./schema";
import type { Edge, NodeEntry, OutputRef, Workflow } from "./workflow";
import { edgesOf, inputsOf, isLink, nodesOf, SUBGRAPH } from "./workflow";

export interface Ports {
  readonly inputs: readonly InputSchema[];
  readonly outputs: readonly OutputSchema[];
  /** Undefined for a type that is not installed: the node is drawn as a placeholder. */
  readonly schema: NodeSchema | undefined;
}

export const ANYTHING: Wire = { types: ["object"], list: false, optional: false, variable: null };

export function portsOf(doc: Workflow, id: string, catalogue: Catalogue): Ports {
  const entry = nodesOf(doc)[id];
  if (entry === undefined) return { inputs: [], outputs: [], schema: undefined };
  const schema = catalogue.find(entry.type);
  if (schema === undefined && entry.type !== SUBGRAPH) return placeholder(doc, id, entry);
  const body = bodyOf(doc, id);
  const declared = schema?.inputs ?? [];
  const known = new Set(declared.map((input) => input.name));
  const more = body ? bodyInputs(body, catalogue).filter((input) => !known.has(input.name)) : [];
  for (const input of more) known.add(input.name);
  const extras = extraInputs(entry, known);
  const outputs = body && schema?.body_outputs !== null ? bodyOutputs(body, catalogue) : [];
  const listed = schema?.body_outputs?.list === true ? outputs.map(asList) : outputs;
  return {
    inputs: [...declared, ...more, ...extras],
    outputs: [...(schema?.outputs ?? []), ...listed],
    schema,
  };
}

/** The output that a link means: the named one, or the only one. */
export function outputOf(ports: Ports, name: string | undefined): OutputSchema | undefined {
  if (name === undefined) return ports.outputs.length === 1 ? ports.outputs[0] : undefined;
  return ports.outputs.find((output) => output.name === name);
}

/** Inputs as the declared inputs of a body ask for them. */
export function bodyInputs(body: Workflow, catalogue: Catalogue): InputSchema[] {
  return Object.entries(body.inputs ?? {}).map(([name, ref]) => {
    const inner = portsOf(body, ref.node, catalogue).inputs.find((one) => one.name === ref.input);
    const value = nodesOf(body)[ref.node]?.inputs?.[ref.input];
    const found = inner ?? input(name, ANYTHING);
    const given = value !== undefined && !isLink(value) ? { default: value, required: false } : {};
    return { ...found, ...given, name, ...(ref.label && { label: ref.label }) };
  });
}

/** Outputs as a body declares them, with the types that its nodes give; saved files flow nowhere. */
export function bodyOutputs(body: Workflow, catalogue: Catalogue): OutputSchema[] {
  return Object.entries(body.outputs ?? {}).flatMap(([name, ref]: [string, OutputRef]) => {
    const inner = portsOf(body, ref.node, catalogue);
    const found = outputOf(inner, ref.output);
    const isSaved = ref.output === undefined && inner.schema?.outputs.length === 0;
    if (found === undefined && isSaved) return [];
    const wire = found?.wire ?? ANYTHING;
    return [{ name, type: found?.type ?? "any", wire, ...(ref.label && { label: ref.label }) }];
  });
}

function asList(output: OutputSchema): OutputSchema {
  const wire = { ...output.wire, list: true };
  return { ...output, wire, type: `list[${output.type}]` };
}

function extraInputs(entry: NodeEntry, known: ReadonlySet<string>): InputSchema[] {
  const names = Object.keys(inputsOf(entry)).filter((name) => !known.has(name) && name !== "body");
  return names.map((name) => input(name, ANYTHING));
}

function placeholder(doc: Workflow, id: string, entry: NodeEntry): Ports {
  const inputs = Object.keys(inputsOf(entry)).map((name) => input(name, ANYTHING));
  const from = edgesOf(doc).filter((edge: Edge) => edge.source === id);
  const names = [...new Set(from.map((edge) => edge.output ?? "output"))];
  const outputs = names.map((name) => ({ name, type: "any", wire: ANYTHING }));
  return { inputs, outputs, schema: undefined };
}

function input(name: string, wire: Wire): InputSchema {
  const flags = { required: false, optional: true, lazy: false };
  return { name, type: "any", wire, ...flags, help: "" };
}
