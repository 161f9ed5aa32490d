/** What a bypassed node hands on: each output is what is linked to its input of the same type. */

import { bodyOf } from "./path";
import { outputOf, type Ports, portsOf } from "./ports";
import type { Catalogue, OutputSchema, Wire } from "./schema";
import type { Link, NodeEntry, Workflow } from "./workflow";
import { inputsOf, isLink, nodesOf } from "./workflow";

/** The link that stands for what a link to a bypassed node means. */
export function handedOn(doc: Workflow, link: Link, catalogue: Catalogue): Link | undefined {
  const entry = nodesOf(doc)[link.node];
  const ports = portsOf(doc, link.node, catalogue);
  const output = outputOf(ports, link.output);
  if (entry === undefined || output === undefined) return undefined;
  const input = inputFor(doc, link.node, entry, ports, output);
  const value = input === undefined ? undefined : inputsOf(entry)[input];
  return isLink(value) ? value : undefined;
}

/** The first linked input of an output's type; the one at the same place comes before others. */
export function inputFor(
  doc: Workflow,
  id: string,
  entry: NodeEntry,
  ports: Ports,
  output: OutputSchema,
): string | undefined {
  const own = declaredNames(doc, id, ports);
  const inputs = ports.inputs.filter(({ name }) => own === undefined || own.has(name));
  const same = inputs[ports.outputs.indexOf(output)];
  const like = inputs.filter(({ wire }) => passes(wire, output.wire));
  const order = same && like.includes(same) ? [same, ...like] : like;
  return order.find(({ name }) => isLink(inputsOf(entry)[name]))?.name;
}

/** Inputs by declaration, the body's among them and the body not; of an unknown type all count. */
function declaredNames(doc: Workflow, id: string, ports: Ports): ReadonlySet<string> | undefined {
  const body = bodyOf(doc, id);
  if (ports.schema === undefined && body === undefined) return undefined;
  const own = (ports.schema?.inputs ?? []).filter(({ widget }) => widget?.kind !== "workflow");
  return new Set([...own.map(({ name }) => name), ...Object.keys(body?.inputs ?? {})]);
}

function passes(input: Wire, output: Wire): boolean {
  const same = input.types.join() === output.types.join() && input.list === output.list;
  return same && input.variable === output.variable;
}
