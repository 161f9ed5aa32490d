/** Several nodes as one: making a subgraph of a selection. `ungroup.ts` takes one apart again. */

import { clipOf, reroutesOf } from "./clipboard";
import { free, Ports } from "./crossing";
import { addNode, type Point, setInput } from "./edits";
import { removed } from "./removing";
import type { Json, Workflow } from "./workflow";
import { edgeId, edgesOf, inputsOf, isLink, nodesOf, placeOf, SUBGRAPH } from "./workflow";

/** What only the catalogue knows of nodes. */
export interface Names {
  /** The only output of a node has a name that a link need not say. */
  readonly output: (node: string, output: string | undefined) => string;
  /** What people call a node. */
  readonly title?: (node: string) => string;
}

/**
 * Puts nodes, frames and notes into a subgraph `id`. Links that come in become its inputs, links
 * that go out its outputs: what is outside means the same as before.
 */
export function intoSubgraph(
  doc: Workflow,
  picked: ReadonlySet<string>,
  id: string,
  names: Names,
): Workflow {
  const ids = new Set([...picked].filter((one) => one in nodesOf(doc)));
  const ports = new Ports(doc, ids, names);
  const inputs: Record<string, Json> = {
    ...ports.given,
    body: bodyFrom(doc, picked, ids, ports) as unknown as Json,
  };
  const incoming = edgesOf(doc).flatMap(({ id: link, source, target, input }) => {
    const port = ids.has(target) && !ids.has(source) ? ports.nameOf(target, input) : undefined;
    return port === undefined ? [] : [[link, edgeId(id, port)] as const];
  });
  const reroutes = reroutesOf(doc, incoming);
  const rest = removed(redirected(doc, ids, id, ports, names), picked);
  const made = addNode(rest, id, { type: SUBGRAPH, inputs }, middleOf(doc, ids));
  if (reroutes === undefined) return made;
  const $reroutes = { ...made.layout?.$reroutes, ...reroutes };
  return { ...made, layout: { ...made.layout, $reroutes } };
}

/** Where a node stands in place of some: about where they did. */
export function middleOf(doc: Workflow, ids: Iterable<string>): Point {
  const places = [...ids].map((id) => placeOf(doc, id));
  const sum = (of: "x" | "y") => places.reduce((total, place) => total + (place[of] ?? 0), 0);
  const count = Math.max(places.length, 1);
  return { x: Math.round(sum("x") / count), y: Math.round(sum("y") / count) };
}

function bodyFrom(
  doc: Workflow,
  picked: ReadonlySet<string>,
  ids: ReadonlySet<string>,
  { inputs, outputs }: Ports,
): Workflow {
  const { nodes = {}, layout } = clipOf(doc, picked);
  const inner = Object.entries(nodes).map(([id, entry]) => {
    const kept = Object.entries(inputsOf(entry)).filter(
      ([, value]) => !isLink(value) || ids.has(value.node),
    );
    return [id, { ...entry, inputs: Object.fromEntries(kept) }];
  });
  return { nodegraph: 1, inputs, outputs, nodes: Object.fromEntries(inner), layout };
}

/** Everything outside that took something from inside takes it from the subgraph. */
function redirected(
  doc: Workflow,
  ids: ReadonlySet<string>,
  id: string,
  ports: Ports,
  names: Names,
): Workflow {
  let made = doc;
  for (const edge of edgesOf(doc)) {
    if (ids.has(edge.target) || !ids.has(edge.source)) continue;
    const port = ports.portOf(edge.source, names.output(edge.source, edge.output));
    made = setInput(made, edge.target, edge.input, { node: id, output: port } as Json);
  }
  const inputs = Object.entries(doc.inputs ?? {}).map(([name, ref]) => {
    const port = ids.has(ref.node) ? ports.nameOf(ref.node, ref.input) : undefined;
    return [name, port === undefined ? ref : { ...ref, node: id, input: port }];
  });
  const outputs = Object.entries(doc.outputs ?? {}).map(([name, ref]) => {
    if (!ids.has(ref.node)) return [name, ref];
    return [name, { ...ref, node: id, output: ports.portOf(ref.node, ref.output) }];
  });
  return {
    ...made,
    ...(doc.inputs && { inputs: Object.fromEntries(inputs) }),
    ...(doc.outputs && { outputs: Object.fromEntries(outputs) }),
  };
}

/** A name for a subgraph that nothing has. */
export function freshSubgraphId(doc: Workflow): string {
  return free(nodesOf(doc), "subgraph");
}
