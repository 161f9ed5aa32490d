/** Another type in a node's place: values and links stay where their names or types fit. */

import { disconnect, setPlace, updateNode } from "./edits";
import { type Socket, takes } from "./fitting";
import { wireOfLink } from "./given";
import { portsOf } from "./ports";
import type { Catalogue, InputSchema, NodeSchema } from "./schema";
import { accepts, mayConnect, sameWire, wireOfValue } from "./wires";
import type { InputRef, Json, Link, NodeEntry, OutputRef, Workflow } from "./workflow";
import {
  edgeId,
  edgesOf,
  inputsOf,
  isLink,
  literalOf,
  nodesOf,
  placeOf,
  unwrapped,
} from "./workflow";

export interface Replaced {
  readonly doc: Workflow;
  /** Inputs and links that found no place. */
  readonly lost: readonly string[];
}

export function replaced(
  doc: Workflow,
  id: string,
  schema: NodeSchema,
  catalogue: Catalogue,
): Replaced {
  const old = nodesOf(doc)[id];
  if (old === undefined) return { doc, lost: [] };
  const lost: string[] = [];
  const bare = updateNode(doc, id, () => withType(old, schema));
  const filled = refilled(bare, id, old, schema, catalogue, lost);
  const { doc: linked, names } = readersKept(doc, filled, id, catalogue, lost);
  return { doc: withRefs(linked, id, schema, names), lost };
}

function withType(old: NodeEntry, schema: NodeSchema): NodeEntry {
  const { version: _, ...rest } = old;
  const version = schema.version === 1 ? {} : { version: schema.version };
  return { ...rest, type: schema.name, ...version, inputs: {} };
}

/** What stood at the inputs: by name, and links also at the first free input that takes them. */
function refilled(
  bare: Workflow,
  id: string,
  old: NodeEntry,
  schema: NodeSchema,
  catalogue: Catalogue,
  lost: string[],
): Workflow {
  let doc = bare;
  const homeless: [string, Link][] = [];
  const put = (name: string, value: Json) => {
    doc = updateNode(doc, id, (entry) => ({
      ...entry,
      inputs: { ...inputsOf(entry), [name]: value },
    }));
  };
  for (const [name, value] of Object.entries(inputsOf(old))) {
    const input = schema.inputs.find((one) => one.name === name);
    if (isLink(value)) {
      if (input && linkFits(doc, catalogue, id, name, value)) put(name, value as unknown as Json);
      else homeless.push([name, value]);
    } else if (input && holds(input, value, catalogue)) put(name, value);
    else if (input || !schema.extras) lost.push(name);
    else put(name, value);
  }
  for (const [name, link] of homeless) {
    const free = freeInput(doc, catalogue, id, schema, link);
    if (free) put(free, link as unknown as Json);
    else lost.push(name);
  }
  return doc;
}

function linkFits(
  doc: Workflow,
  catalogue: Catalogue,
  id: string,
  input: string,
  link: Link,
): boolean {
  const wire = wireOfLink(doc, catalogue, link as unknown as Json);
  return wire !== undefined && takes(doc, catalogue, { node: id, port: input, out: false }, wire);
}

function freeInput(
  doc: Workflow,
  catalogue: Catalogue,
  id: string,
  schema: NodeSchema,
  link: Link,
): string | undefined {
  const held = inputsOf(nodesOf(doc)[id] ?? { type: "" });
  const free = schema.inputs.filter(({ name, widget }) => !(name in held) && widget === undefined);
  return free.find(({ name }) => linkFits(doc, catalogue, id, name, link))?.name;
}

/** Whether a value could have been given with an input's widget. */
export function holds(input: InputSchema, held: Json, catalogue: Catalogue): boolean {
  const { widget } = input;
  const value = literalOf(held) as Json;
  if (widget === undefined) return value === null && input.wire.optional;
  if (value === null) return input.wire.optional;
  if (widget.options) return widget.options.includes(value);
  if (widget.kind === "workflow") return typeof value === "object";
  if (widget.kind === "seed" && value === "random") return true;
  if (!accepts(input.wire, wireOfValue(unwrapped(held)), catalogue.wireTypes)) return false;
  if (typeof value !== "number" && typeof value !== "bigint") return true;
  return value >= (widget.min ?? -Infinity) && value <= (widget.max ?? Infinity);
}

/** Links out of the node: by name, or from the first output that fits. */
function readersKept(
  before: Workflow,
  bare: Workflow,
  id: string,
  catalogue: Catalogue,
  lost: string[],
): { doc: Workflow; names: Map<string, string> } {
  let doc = bare;
  const names = new Map<string, string>();
  const oldPorts = portsOf(before, id, catalogue);
  const outputs = portsOf(bare, id, catalogue).outputs;
  for (const edge of edgesOf(before)) {
    if (edge.source !== id) continue;
    const name = edge.output ?? oldPorts.outputs[0]?.name ?? "";
    const to: Socket = { node: edge.target, port: edge.input, out: false };
    const was = oldPorts.outputs.find((one) => one.name === name);
    const open = disconnect(doc, edge.target, edge.input);
    const fit = outputs.filter((output) => {
      const wire = wireOfLink(open, catalogue, { node: id, output: output.name });
      return wire !== undefined && takes(open, catalogue, to, wire);
    });
    const same = (one: (typeof fit)[number]) => was && sameWire(one.wire, was.wire);
    const found = fit.find((one) => one.name === name) ?? fit.find(same) ?? fit[0];
    if (found === undefined) {
      doc = open;
      lost.push(edgeId(edge.target, edge.input));
      continue;
    }
    names.set(name, found.name);
    const link = { node: id, output: found.name };
    doc = updateNode(doc, edge.target, (entry) => ({
      ...entry,
      inputs: { ...inputsOf(entry), [edge.input]: link },
    }));
  }
  return { doc, names };
}

/** Declared inputs and outputs of the workflow that name the node. */
function withRefs(
  doc: Workflow,
  id: string,
  schema: NodeSchema,
  names: ReadonlyMap<string, string>,
): Workflow {
  const takesIt = (name: string) => schema.inputs.some((input) => input.name === name);
  const outputs = schema.outputs.map((output) => output.name);
  const renamed = (ref: OutputRef): OutputRef | undefined => {
    if (ref.node !== id) return ref;
    if (ref.output === undefined) return schema.effect || outputs.length === 1 ? ref : undefined;
    const output = outputs.includes(ref.output) ? ref.output : names.get(ref.output);
    return output === undefined ? undefined : { ...ref, output };
  };
  const keptInput = (ref: InputRef) => (ref.node === id && !takesIt(ref.input) ? undefined : ref);
  const { sockets } = placeOf(doc, id);
  const shown = sockets && setPlace(doc, id, { sockets: sockets.filter(takesIt) });
  return {
    ...(shown ?? doc),
    ...(doc.inputs && { inputs: mapped(doc.inputs, keptInput) }),
    ...(doc.outputs && { outputs: mapped(doc.outputs, renamed) }),
  };
}

function mapped<T>(from: { readonly [name: string]: T }, change: (one: T) => T | undefined) {
  const made: { [name: string]: T } = {};
  for (const [name, one] of Object.entries(from)) {
    const changed = change(one);
    if (changed !== undefined) made[name] = changed;
  }
  return made;
}

/** Types that could stand in a node's place, the best first: those that keep most links. */
export function alternatives(doc: Workflow, id: string, catalogue: Catalogue): NodeSchema[] {
  const now = portsOf(doc, id, catalogue);
  const score = (schema: NodeSchema) => {
    const types = catalogue.wireTypes;
    const gives = now.outputs.filter((was) =>
      schema.outputs.some((output) => mayConnect(was.wire, output.wire, types)),
    );
    const takesSame = now.inputs.filter((was) =>
      schema.inputs.some((input) => input.name === was.name && sameWire(input.wire, was.wire)),
    );
    return gives.length * 4 + takesSame.length;
  };
  const others = catalogue.nodes.filter((schema) => schema !== now.schema);
  const scored = others.map((schema) => ({ schema, score: score(schema) }));
  return scored
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((one) => one.schema);
}
