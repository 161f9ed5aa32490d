/** The ports of a subgraph to be: what crosses the border of a selection. */

import type { Names } from "./subgraph";
import type { InputRef, Json, NodeEntry, OutputRef, Workflow } from "./workflow";
import { edgesOf, inputsOf, nodesOf } from "./workflow";

export class Ports {
  readonly inputs: Record<string, InputRef> = {};
  readonly outputs: Record<string, OutputRef> = {};
  /** What comes in at each input now. */
  readonly given: Record<string, Json> = {};
  private readonly inputOf = new Map<string, string>();
  private readonly outputOf = new Map<string, string>();

  constructor(
    doc: Workflow,
    ids: ReadonlySet<string>,
    private readonly names: Names,
  ) {
    for (const edge of edgesOf(doc)) {
      const inside = ids.has(edge.target);
      if (inside === ids.has(edge.source)) continue;
      if (inside) this.addInput(edge.target, edge.input, inputsOf(entryOf(doc, edge.target)));
      else this.addOutput(edge.source, names.output(edge.source, edge.output));
    }
    for (const ref of Object.values(doc.inputs ?? {})) {
      if (!ids.has(ref.node) || this.nameOf(ref.node, ref.input) !== undefined) continue;
      this.addInput(ref.node, ref.input, inputsOf(entryOf(doc, ref.node)));
    }
    for (const ref of Object.values(doc.outputs ?? {})) {
      if (ids.has(ref.node)) this.addOutput(ref.node, ref.output);
    }
    this.label(this.inputs, (ref) => ref.input);
    this.label(this.outputs, (ref) => ref.output ?? "");
  }

  /** The port that leads to a field inside. */
  nameOf(node: string, input: string): string | undefined {
    return this.inputOf.get(keyOf(node, input));
  }

  portOf(node: string, output: string | undefined): string | undefined {
    return this.outputOf.get(keyOf(node, output));
  }

  private addInput(node: string, input: string, values: { readonly [name: string]: Json }): void {
    const name = free(this.inputs, input);
    this.inputs[name] = { node, input };
    this.inputOf.set(keyOf(node, input), name);
    const value = values[input];
    if (value !== undefined) this.given[name] = value;
  }

  /** An output without a name is what a node saves. */
  private addOutput(node: string, output: string | undefined): void {
    if (this.outputOf.has(keyOf(node, output))) return;
    const name = free(this.outputs, output ?? "saved");
    this.outputs[name] = output === undefined ? { node } : { node, output };
    this.outputOf.set(keyOf(node, output), name);
  }

  /** Ports of one name are told apart by the titles of their nodes, or by their ids. */
  private label<R extends InputRef | OutputRef>(
    refs: Record<string, R>,
    nameOf: (ref: R) => string,
  ): void {
    const { title } = this.names;
    if (title === undefined) return;
    for (const [key, ref] of Object.entries(refs)) {
      const name = nameOf(ref);
      const alike = Object.values(refs).filter((one) => nameOf(one) === name);
      if (alike.length === 1) continue;
      const titles = new Set(alike.map((one) => title(one.node)));
      const from = titles.size === alike.length ? title(ref.node) : ref.node;
      refs[key] = { ...ref, label: `${name} (${from})` };
    }
  }
}

/** `base`, or `base-2`, ... where that is taken. A port is never called `body`. */
export function free(taken: { readonly [name: string]: unknown }, base: string): string {
  let name = base;
  for (let n = 2; Object.hasOwn(taken, name) || name === "body"; n += 1) name = `${base}-${n}`;
  return name;
}

function keyOf(node: string, port: string | undefined): string {
  return JSON.stringify([node, port]);
}

function entryOf(doc: Workflow, id: string): NodeEntry {
  return nodesOf(doc)[id] ?? { type: "" };
}
