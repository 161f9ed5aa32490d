/** What a workflow with subgraphs means, as the server takes them apart when it plans. */

import { bodyOf } from "../../src/graph/path";
import type { Json, Link, NodeEntry, Workflow } from "../../src/graph/workflow";
import { inputsOf, isLink, nodesOf, SUBGRAPH } from "../../src/graph/workflow";

/** Without subgraphs: nodes are called `group/inner`; only what matters for a run is there. */
export function flatten(doc: Workflow): Workflow {
  const nodes: Record<string, NodeEntry> = {};
  const outputs = new Map<string, ReadonlyMap<string, Link>>();
  const open = (id: string, entry: NodeEntry, body: Workflow) => {
    const flat = flatten(body);
    const inside = (link: Link): Link => ({ ...link, node: `${id}/${link.node}` });
    for (const [inner, one] of Object.entries(nodesOf(flat))) {
      const inputs = Object.entries(inputsOf(one)).map(([name, value]) => [
        name,
        isLink(value) ? inside(value) : value,
      ]);
      const mode = entry.mode ?? one.mode;
      const made = { ...one, inputs: Object.fromEntries(inputs), ...(mode && { mode }) };
      nodes[`${id}/${inner}`] = made;
    }
    for (const [port, value] of Object.entries(inputsOf(entry))) {
      const ref = flat.inputs?.[port];
      const target = ref && nodes[`${id}/${ref.node}`];
      if (ref && target) {
        nodes[`${id}/${ref.node}`] = {
          ...target,
          inputs: { ...target.inputs, [ref.input]: value },
        };
      }
    }
    const links = Object.entries(flat.outputs ?? {}).map(([port, { node, output }]) => {
      return [port, inside({ node, ...(output !== undefined && { output }) })] as const;
    });
    outputs.set(id, new Map(links));
  };
  for (const [id, entry] of Object.entries(nodesOf(doc))) {
    const body = entry.type === SUBGRAPH ? bodyOf(doc, id) : undefined;
    if (body) open(id, entry, body);
    else nodes[id] = entry;
  }
  return relinked(doc, nodes, outputs);
}

function relinked(
  doc: Workflow,
  nodes: Record<string, NodeEntry>,
  outputs: ReadonlyMap<string, ReadonlyMap<string, Link>>,
): Workflow {
  const follow = (link: Link): Link => {
    const ports = outputs.get(link.node);
    if (ports === undefined) return link;
    const only = ports.size === 1 ? [...ports.values()][0] : undefined;
    const found = link.output === undefined ? only : ports.get(link.output);
    return found ? follow(found) : { node: "nowhere" };
  };
  const made = Object.entries(nodes).map(([id, entry]) => {
    const inputs = Object.entries(inputsOf(entry)).map(([name, value]) => [
      name,
      isLink(value) ? (follow(value) as unknown as Json) : value,
    ]);
    return [id, { ...entry, inputs: Object.fromEntries(inputs) }];
  });
  const declaredInputs = Object.entries(doc.inputs ?? {}).map(([name, ref]) => {
    const inner = bodyOf(doc, ref.node)?.inputs?.[ref.input];
    const place = inner && innermost(doc, [ref.node], inner);
    return [name, place ?? { node: ref.node, input: ref.input }];
  });
  const declaredOutputs = Object.entries(doc.outputs ?? {}).map(([name, { node, output }]) => [
    name,
    follow({ node, ...(output !== undefined && { output }) }),
  ]);
  return {
    nodegraph: 1,
    nodes: Object.fromEntries(made),
    inputs: Object.fromEntries(declaredInputs),
    outputs: Object.fromEntries(declaredOutputs),
  };
}

function innermost(doc: Workflow, path: readonly string[], ref: { node: string; input: string }) {
  const body = path.reduce<Workflow | undefined>((here, id) => here && bodyOf(here, id), doc);
  const deeper = body && bodyOf(body, ref.node)?.inputs?.[ref.input];
  if (deeper) return innermost(doc, [...path, ref.node], deeper);
  return { node: [...path, ref.node].join("/"), input: ref.input };
}
