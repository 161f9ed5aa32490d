/** Muted and bypassed nodes, and taking nodes out so that links go on past them. */

import { setInput, updateNode } from "./edits";
import { outputOf, portsOf } from "./ports";
import { removed } from "./removing";
import type { Catalogue } from "./schema";
import { sameWire } from "./wires";
import type { Json, Link, Mode, Workflow } from "./workflow";
import { edgesOf, inputsOf, isLink, nodesOf } from "./workflow";

/** Gives nodes a mode, or takes it from them if all have it. */
export function toggledMode(doc: Workflow, ids: ReadonlySet<string>, mode: Mode): Workflow {
  const nodes = [...ids].filter((id) => id in nodesOf(doc));
  const wanted = nodes.every((id) => nodesOf(doc)[id]?.mode === mode) ? undefined : mode;
  return nodes.reduce((made, id) => withMode(made, id, wanted), doc);
}

export function withMode(doc: Workflow, id: string, mode: Mode | undefined): Workflow {
  if (nodesOf(doc)[id]?.mode === mode) return doc;
  return updateNode(doc, id, ({ mode: _, ...entry }) => (mode ? { ...entry, mode } : entry));
}

/** Without some nodes; what they were given goes on to those that took the same from them. */
export function removedJoined(
  doc: Workflow,
  picked: ReadonlySet<string>,
  catalogue: Catalogue,
): Workflow {
  let made = doc;
  for (const edge of edgesOf(doc)) {
    if (picked.has(edge.target) || !picked.has(edge.source)) continue;
    const link = pastAll(doc, { node: edge.source, output: edge.output }, picked, catalogue);
    if (link) made = setInput(made, edge.target, edge.input, { ...link } as Json);
  }
  return removed(made, picked);
}

/** What a link carries once all picked nodes on its way are seen through. */
function pastAll(
  doc: Workflow,
  link: Link,
  picked: ReadonlySet<string>,
  catalogue: Catalogue,
): Link | undefined {
  const passed = new Set<string>();
  let here: Link | undefined = link;
  while (here && picked.has(here.node)) {
    if (passed.has(here.node)) return undefined;
    passed.add(here.node);
    here = handedOn(doc, here, catalogue);
  }
  return here;
}

/** What is linked to the input of the same type as an output, the one at its place first. */
function handedOn(doc: Workflow, { node, output }: Link, catalogue: Catalogue): Link | undefined {
  const entry = nodesOf(doc)[node];
  const ports = portsOf(doc, node, catalogue);
  const wanted = outputOf(ports, output);
  if (entry === undefined || wanted === undefined) return undefined;
  const place = ports.outputs.indexOf(wanted);
  const fits = ports.inputs.filter(
    ({ wire }) => sameWire(wire, wanted.wire) && wire.variable === wanted.wire.variable,
  );
  fits.sort((a, b) => Number(ports.inputs[place] === b) - Number(ports.inputs[place] === a));
  const values = fits.map(({ name }) => inputsOf(entry)[name]);
  return values.find((value) => isLink(value)) as Link | undefined;
}
