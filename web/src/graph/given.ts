/** What each output gives where it stands: open types fixed by what is linked, lists where mapped. */

import { inputFor } from "./passing";
import { bodyOf } from "./path";
import { ANYTHING, outputOf, type Ports, portsOf } from "./ports";
import type { Catalogue, InputSchema, Wire } from "./schema";
import { accepts, acceptsMapped, joined, listOf, wireOfValue } from "./wires";
import type { Json, NodeEntry, Workflow } from "./workflow";
import { inputsOf, isLink, nodesOf, SUBGRAPH, unwrapped } from "./workflow";

/** Node -> output -> what it gives. */
export type Given = ReadonlyMap<string, ReadonlyMap<string, Wire>>;

/** Of one node: what its open types were fixed to, and which of its inputs do not fit. */
export interface Reading {
  readonly bound: ReadonlyMap<string, Wire>;
  readonly mapped: boolean;
  readonly wrong: ReadonlySet<string>;
}

/** Undefined: nothing is linked there, or what is linked leads nowhere. */
export type WireAt = (value: Json | undefined, input: string) => Wire | undefined;

const known = new WeakMap<Workflow, { readonly catalogue: Catalogue; readonly given: Given }>();

/** Remembered per workflow, which never changes in place. */
export function givenWires(doc: Workflow, catalogue: Catalogue): Given {
  const found = known.get(doc);
  if (found?.catalogue === catalogue) return found.given;
  const given = resolved(doc, catalogue, new Map());
  known.set(doc, { catalogue, given });
  return given;
}

/** What a link carries; undefined where it leads nowhere. */
export function wireOfLink(
  doc: Workflow,
  catalogue: Catalogue,
  value: Json | undefined,
): Wire | undefined {
  return linked(value, doc, catalogue, givenWires(doc, catalogue));
}

/** Reads a node's inputs in the order of its type, as the server does when it plans. */
export function read(
  entry: NodeEntry,
  ports: Ports,
  catalogue: Catalogue,
  wireAt: WireAt,
): Reading {
  const types = catalogue.wireTypes;
  const bound = new Map<string, Wire>();
  const wrong = new Set<string>();
  const lazy = ports.inputs.some((input) => input.lazy);
  let mapped = false;
  for (const input of ports.inputs) {
    const value = heldAt(entry, input);
    const wire = isLink(value) ? wireAt(value, input.name) : undefined;
    if (input.wire.variable !== null) {
      if (value === undefined || value === null || (isLink(value) && wire === undefined)) continue;
      const own = wire ?? wireOfValue(value);
      const first = bound.get(input.wire.variable) ?? own;
      const both = joined(first, own, types);
      if (both === undefined) wrong.add(input.name);
      bound.set(input.wire.variable, both ?? first);
    } else if (wire !== undefined && !accepts(input.wire, wire, types)) {
      const each = acceptsMapped(input.wire, wire, types);
      if (each) mapped = true;
      if (!each || lazy) wrong.add(input.name);
    }
  }
  return { bound, mapped, wrong };
}

function heldAt(entry: NodeEntry, input: InputSchema): Json | undefined {
  const value = inputsOf(entry)[input.name];
  return value === undefined ? input.default : unwrapped(value);
}

/** `outer` says what comes in at fields of this workflow from the one around it: `node/input`. */
function resolved(doc: Workflow, catalogue: Catalogue, outer: ReadonlyMap<string, Wire>): Given {
  const given = new Map<string, Map<string, Wire>>();
  for (const id of sourcesFirst(doc)) {
    const entry = fedFromOutside(nodesOf(doc)[id] as NodeEntry, id, outer);
    const ports = portsOf(doc, id, catalogue);
    const wireAt: WireAt = (value, input) =>
      outer.get(`${id}/${input}`) ?? linked(value, doc, catalogue, given);
    given.set(id, outputsOf(doc, id, entry, ports, catalogue, wireAt));
  }
  return given;
}

function fedFromOutside(entry: NodeEntry, id: string, outer: ReadonlyMap<string, Wire>): NodeEntry {
  const inputs: Record<string, Json> = { ...inputsOf(entry) };
  for (const field of outer.keys()) {
    if (field.startsWith(`${id}/`)) inputs[field.slice(id.length + 1)] = { node: "" };
  }
  return outer.size > 0 ? { ...entry, inputs } : entry;
}

function outputsOf(
  doc: Workflow,
  id: string,
  entry: NodeEntry,
  ports: Ports,
  catalogue: Catalogue,
  wireAt: WireAt,
): Map<string, Wire> {
  if (entry.mode === "bypassed" && (ports.schema || entry.type === SUBGRAPH)) {
    return new Map(
      ports.outputs.map((output): [string, Wire] => {
        const input = inputFor(doc, id, entry, ports, output);
        const value = input === undefined ? undefined : inputsOf(entry)[input];
        return [output.name, (input && wireAt(value, input)) || output.wire];
      }),
    );
  }
  if (entry.type === SUBGRAPH) {
    const inside = throughBody(doc, id, entry, catalogue, wireAt);
    return new Map(ports.outputs.map(({ name, wire }) => [name, inside.get(name) ?? wire]));
  }
  const { bound, mapped } = read(entry, ports, catalogue, wireAt);
  return new Map(
    ports.outputs.map((output): [string, Wire] => {
      const { name } = output;
      const open = output.wire.variable;
      const wire = open === null ? output.wire : (bound.get(open) ?? ANYTHING);
      return [name, mapped && !wire.list ? listOf(wire) : wire];
    }),
  );
}

/** A subgraph's nodes run as if they stood outside: what comes in decides what they give. */
function throughBody(
  doc: Workflow,
  id: string,
  entry: NodeEntry,
  catalogue: Catalogue,
  wireAt: WireAt,
): Map<string, Wire> {
  const body = bodyOf(doc, id);
  const made = new Map<string, Wire>();
  if (body === undefined) return made;
  const outer = new Map<string, Wire>();
  for (const [name, ref] of Object.entries(body.inputs ?? {})) {
    const wire = wireAt(inputsOf(entry)[name], name);
    if (wire) outer.set(`${ref.node}/${ref.input}`, wire);
  }
  const inner = outer.size > 0 ? resolved(body, catalogue, outer) : givenWires(body, catalogue);
  for (const [name, ref] of Object.entries(body.outputs ?? {})) {
    const output = outputOf(portsOf(body, ref.node, catalogue), ref.output);
    const wire = output && inner.get(ref.node)?.get(output.name);
    if (wire) made.set(name, wire);
  }
  return made;
}

function linked(
  value: Json | undefined,
  doc: Workflow,
  catalogue: Catalogue,
  given: Given,
): Wire | undefined {
  if (!isLink(value)) return undefined;
  const outputs = given.get(value.node);
  if (outputs === undefined) return undefined;
  if (value.output !== undefined) return outputs.get(value.output);
  const only = outputOf(portsOf(doc, value.node, catalogue), undefined);
  return only && outputs.get(only.name);
}

/** Every node after those that it is linked to; what stands in a circle comes in any order. */
function sourcesFirst(doc: Workflow): string[] {
  const nodes = nodesOf(doc);
  const order: string[] = [];
  const seen = new Set<string>();
  for (const start of Object.keys(nodes)) {
    const stack: [string, boolean][] = [[start, false]];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const [id, left] = top;
      const entry = nodes[id];
      if (left) order.push(id);
      else if (entry !== undefined && !seen.has(id)) {
        seen.add(id);
        stack.push([id, true]);
        for (const value of Object.values(inputsOf(entry))) {
          if (isLink(value)) stack.push([value.node, false]);
        }
      }
    }
  }
  return order;
}
