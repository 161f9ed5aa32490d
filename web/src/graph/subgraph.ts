/** Several nodes as one: making a subgraph of a selection, and taking one apart again. */

import { addNode, type Point, removeNodes, setInput, setPlace } from "./edits";
import { bodyOf } from "./path";
import type { InputRef, Json, Layout, Link, NodeEntry, OutputRef, Workflow } from "./workflow";
import { edgesOf, inputsOf, isLink, nodesOf, placeOf, SUBGRAPH } from "./workflow";

/** The only output of a node has a name that a link need not say; who knows it tells. */
export type OutputName = (node: string, output: string | undefined) => string;

/**
 * Puts nodes into a subgraph `id`. Links that come in become its inputs, links that go out its
 * outputs: what is outside means the same as before.
 */
export function intoSubgraph(
  doc: Workflow,
  ids: ReadonlySet<string>,
  id: string,
  outputName: OutputName,
): Workflow {
  const ports = new Ports(doc, ids, outputName);
  const body = bodyFrom(doc, ids, ports);
  const inputs: Record<string, Json> = { ...ports.given, body: body as unknown as Json };
  const outside = redirected(doc, ids, id, ports, outputName);
  const rest = removeNodes(outside, ids);
  return addNode(rest, id, { type: SUBGRAPH, inputs }, middleOf(doc, ids));
}

/** Puts the nodes of a subgraph in its place, under fresh ids; undefined if it is none. */
export function ungrouped(doc: Workflow, id: string): { doc: Workflow; ids: string[] } | undefined {
  const body = bodyOf(doc, id);
  const entry = nodesOf(doc)[id];
  if (body === undefined || entry === undefined) return undefined;
  const names = freshNames(doc, id, Object.keys(nodesOf(body)));
  const shift = shiftOf(doc, id, body);
  let made: Workflow = { ...doc, nodes: { ...nodesOf(doc) } };
  for (const [inner, one] of Object.entries(nodesOf(body))) {
    const { x = 0, y = 0, ...look } = placeOf(body, inner);
    const name = names.get(inner) as string;
    made = addNode(made, name, renamed(one, names), { x: x + shift.x, y: y + shift.y });
    made = setPlace(made, name, look);
  }
  for (const [label, value] of Object.entries(inputsOf(entry))) {
    const ref = body.inputs?.[label];
    const target = ref && names.get(ref.node);
    if (ref && target) made = setInput(made, target, ref.input, value);
  }
  made = outwards(made, id, body, names);
  return { doc: removeNodes(made, new Set([id])), ids: [...names.values()] };
}

/** What crosses the border of a selection. */
class Ports {
  readonly inputs: Record<string, InputRef> = {};
  readonly outputs: Record<string, OutputRef> = {};
  readonly given: Record<string, Json> = {};
  private readonly outputOf = new Map<string, string>();

  constructor(doc: Workflow, ids: ReadonlySet<string>, outputName: OutputName) {
    for (const edge of edgesOf(doc)) {
      const inside = ids.has(edge.target);
      if (inside === ids.has(edge.source)) continue;
      if (inside) this.addInput(edge.target, edge.input, inputsOf(entryOf(doc, edge.target)));
      else this.addOutput(edge.source, outputName(edge.source, edge.output));
    }
    for (const ref of Object.values(doc.inputs ?? {})) {
      const value = ids.has(ref.node) ? inputsOf(entryOf(doc, ref.node))[ref.input] : undefined;
      if (ids.has(ref.node) && this.nameOf(ref.node, ref.input) === undefined) {
        this.inputs[free(this.inputs, ref.input)] = { node: ref.node, input: ref.input };
        const name = this.nameOf(ref.node, ref.input) as string;
        if (value !== undefined) this.given[name] = value;
      }
    }
    for (const ref of Object.values(doc.outputs ?? {})) {
      if (ids.has(ref.node) && ref.output !== undefined) this.addOutput(ref.node, ref.output);
    }
  }

  /** The port that leads to a field inside. */
  nameOf(node: string, input: string): string | undefined {
    const found = Object.entries(this.inputs).find(([, r]) => r.node === node && r.input === input);
    return found?.[0];
  }

  portOf(node: string, output: string): string | undefined {
    return this.outputOf.get(`${node}/${output}`);
  }

  private addInput(node: string, input: string, values: { readonly [name: string]: Json }): void {
    const name = free(this.inputs, input);
    this.inputs[name] = { node, input };
    const value = values[input];
    if (value !== undefined) this.given[name] = value;
  }

  private addOutput(node: string, output: string): void {
    if (this.outputOf.has(`${node}/${output}`)) return;
    const name = free(this.outputs, output);
    this.outputs[name] = { node, output };
    this.outputOf.set(`${node}/${output}`, name);
  }
}

function bodyFrom(doc: Workflow, ids: ReadonlySet<string>, ports: Ports): Workflow {
  const nodes: Record<string, NodeEntry> = {};
  const layout: Record<string, unknown> = {};
  for (const id of ids) {
    const entry = nodesOf(doc)[id];
    if (entry === undefined) continue;
    const kept = Object.entries(inputsOf(entry)).filter(
      ([, value]) => !isLink(value) || ids.has(value.node),
    );
    nodes[id] = { ...entry, inputs: Object.fromEntries(kept) };
    layout[id] = placeOf(doc, id);
  }
  const { inputs, outputs } = ports;
  return { nodegraph: 1, inputs, outputs, nodes, layout: layout as Layout };
}

/** Everything outside that took something from inside takes it from the subgraph. */
function redirected(
  doc: Workflow,
  ids: ReadonlySet<string>,
  id: string,
  ports: Ports,
  outputName: OutputName,
): Workflow {
  let made = doc;
  for (const edge of edgesOf(doc)) {
    if (ids.has(edge.target) || !ids.has(edge.source)) continue;
    const port = ports.portOf(edge.source, outputName(edge.source, edge.output));
    made = setInput(made, edge.target, edge.input, { node: id, output: port } as Json);
  }
  const inputs = Object.entries(doc.inputs ?? {}).map(([name, ref]) => {
    const port = ids.has(ref.node) ? ports.nameOf(ref.node, ref.input) : undefined;
    return [name, port === undefined ? ref : { ...ref, node: id, input: port }];
  });
  const outputs = Object.entries(doc.outputs ?? {}).map(([name, ref]) => {
    if (!ids.has(ref.node)) return [name, ref];
    if (ref.output === undefined) return [name, { ...ref, node: id }];
    return [name, { ...ref, node: id, output: ports.portOf(ref.node, ref.output) }];
  });
  return {
    ...made,
    ...(doc.inputs && { inputs: Object.fromEntries(inputs) }),
    ...(doc.outputs && { outputs: Object.fromEntries(outputs) }),
  };
}

function outwards(
  doc: Workflow,
  id: string,
  body: Workflow,
  names: ReadonlyMap<string, string>,
): Workflow {
  const only = Object.values(body.outputs ?? {});
  const source = (output: string | undefined): Link | undefined => {
    const ref =
      output === undefined ? (only.length === 1 ? only[0] : undefined) : body.outputs?.[output];
    const node = ref && names.get(ref.node);
    return node ? { node, ...(ref.output !== undefined && { output: ref.output }) } : undefined;
  };
  let made = doc;
  for (const edge of edgesOf(doc)) {
    if (edge.source !== id) continue;
    made = setInput(made, edge.target, edge.input, source(edge.output) as Json | undefined);
  }
  const inputs = Object.entries(doc.inputs ?? {}).map(([name, ref]) => {
    const inner = ref.node === id ? body.inputs?.[ref.input] : undefined;
    const node = inner && names.get(inner.node);
    return [name, inner && node ? { ...ref, node, input: inner.input } : ref];
  });
  const outputs = Object.entries(doc.outputs ?? {}).map(([name, ref]) => {
    const link = ref.node === id ? source(ref.output) : undefined;
    return [name, link ? { ...ref, ...link } : ref];
  });
  return {
    ...made,
    ...(doc.inputs && { inputs: Object.fromEntries(inputs) }),
    ...(doc.outputs && { outputs: Object.fromEntries(outputs) }),
  };
}

function renamed(entry: NodeEntry, names: ReadonlyMap<string, string>): NodeEntry {
  const inputs = Object.entries(inputsOf(entry)).map(([name, value]) => {
    const node = isLink(value) ? names.get(value.node) : undefined;
    return [name, node === undefined ? value : { ...(value as object), node }];
  });
  return { ...entry, inputs: Object.fromEntries(inputs) as { [name: string]: Json } };
}

function freshNames(doc: Workflow, id: string, inner: readonly string[]): Map<string, string> {
  const taken = new Set(Object.keys(nodesOf(doc)));
  taken.delete(id);
  const names = new Map<string, string>();
  for (const name of inner) {
    let fresh = name;
    for (let n = 2; taken.has(fresh) || fresh === id; n += 1) fresh = `${name}-${n}`;
    taken.add(fresh);
    names.set(name, fresh);
  }
  return names;
}

function shiftOf(doc: Workflow, id: string, body: Workflow): Point {
  const { x = 0, y = 0 } = placeOf(doc, id);
  const middle = middleOf(body, new Set(Object.keys(nodesOf(body))));
  return { x: x - middle.x, y: y - middle.y };
}

function middleOf(doc: Workflow, ids: ReadonlySet<string>): Point {
  const places = [...ids].map((id) => placeOf(doc, id));
  const sum = (of: "x" | "y") => places.reduce((total, place) => total + (place[of] ?? 0), 0);
  const count = Math.max(places.length, 1);
  return { x: Math.round(sum("x") / count), y: Math.round(sum("y") / count) };
}

function entryOf(doc: Workflow, id: string): NodeEntry {
  return nodesOf(doc)[id] ?? { type: "" };
}

function free(taken: { readonly [name: string]: unknown }, base: string): string {
  let name = base;
  for (let n = 2; name in taken; n += 1) name = `${base}-${n}`;
  return name;
}
