/** Taking a subgraph apart: its nodes stand in its place, linked as its ports were. */

import { freshNames, renamed, withDrawn } from "./clipboard";
import { addNode, setInput, setPlace } from "./edits";
import { joinedPast, withMode } from "./modes";
import { bodyOf } from "./path";
import { removed, tidied } from "./removing";
import type { Catalogue } from "./schema";
import { middleOf } from "./subgraph";
import type { Json, Link, Workflow } from "./workflow";
import { edgeId, edgesOf, inputsOf, isLink, nodesOf, placeOf, reroutesIn } from "./workflow";

export interface Ungrouped {
  readonly doc: Workflow;
  /** What now stands there: nodes, frames and notes. */
  readonly ids: readonly string[];
}

/**
 * Undefined if the node holds no workflow. Ids that are taken get a number. A group is left out as a
 * whole, so its nodes are muted; what a bypassed one hands on goes on past them.
 */
export function ungrouped(
  drawn: Workflow,
  id: string,
  catalogue: Catalogue,
): Ungrouped | undefined {
  const mode = nodesOf(drawn)[id]?.mode;
  const doc = mode === "bypassed" ? joinedPast(drawn, id, catalogue) : drawn;
  const body = bodyOf(doc, id);
  const entry = nodesOf(doc)[id];
  if (body === undefined || entry === undefined) return undefined;
  const names = freshNames(doc, Object.keys(nodesOf(body)));
  const { x = 0, y = 0 } = placeOf(doc, id);
  const middle = middleOf(body, Object.keys(nodesOf(body)));
  const shift = { x: x - middle.x, y: y - middle.y };
  const outer = outwards(doc, id, body, names);
  let made = removed(outer, new Set([id]));
  for (const [inner, one] of Object.entries(nodesOf(body))) {
    const { x: left = 0, y: top = 0, ...look } = placeOf(body, inner);
    const name = names.get(inner) as string;
    const at = { x: left + shift.x, y: top + shift.y };
    made = setPlace(addNode(made, name, renamed(one, names), at), name, look);
    made = withMode(made, name, mode === undefined ? one.mode : "muted");
  }
  for (const [port, value] of Object.entries(inputsOf(entry))) {
    const ref = body.inputs?.[port];
    const target = ref && names.get(ref.node);
    if (ref && target) made = setInput(made, target, ref.input, selfLinked(value, id, body, names));
  }
  const around = withDrawn(made, body, names, shift);
  const kept = withIncoming(around.doc, doc, id, body, names);
  return { doc: tidied(kept), ids: [...names.values(), ...around.boxes] };
}

/** A subgraph may feed itself by a way that is no circle once it is taken apart. */
function selfLinked(
  value: Json,
  id: string,
  body: Workflow,
  names: ReadonlyMap<string, string>,
): Json | undefined {
  if (!isLink(value) || value.node !== id) return value;
  return innerSource(body, names, value.output) as Json | undefined;
}

function innerSource(
  body: Workflow,
  names: ReadonlyMap<string, string>,
  output: string | undefined,
): Link | undefined {
  const all = Object.values(body.outputs ?? {});
  const only = all.length === 1 ? all[0] : undefined;
  const ref = output === undefined ? only : body.outputs?.[output];
  const node = ref && names.get(ref.node);
  return node ? { node, ...(ref.output !== undefined && { output: ref.output }) } : undefined;
}

/** Everything outside that took something from the subgraph takes it from the nodes in it. */
function outwards(
  doc: Workflow,
  id: string,
  body: Workflow,
  names: ReadonlyMap<string, string>,
): Workflow {
  let made = doc;
  for (const edge of edgesOf(doc)) {
    if (edge.source !== id || edge.target === id) continue;
    const link = innerSource(body, names, edge.output);
    made = setInput(made, edge.target, edge.input, link as Json | undefined);
  }
  const inputs = Object.entries(doc.inputs ?? {}).map(([name, ref]) => {
    const inner = ref.node === id ? body.inputs?.[ref.input] : undefined;
    const node = inner && names.get(inner.node);
    return [name, inner && node ? { ...ref, node, input: inner.input } : ref];
  });
  const outputs = Object.entries(doc.outputs ?? {}).map(([name, { output, ...ref }]) => {
    const link = ref.node === id ? innerSource(body, names, output) : undefined;
    return [name, link ? { ...ref, ...link } : output === undefined ? ref : { ...ref, output }];
  });
  return {
    ...made,
    ...(doc.inputs && { inputs: Object.fromEntries(inputs) }),
    ...(doc.outputs && { outputs: Object.fromEntries(outputs) }),
  };
}

/** The points of links that ended in the subgraph, under the fields that they end in now. */
function withIncoming(
  made: Workflow,
  doc: Workflow,
  id: string,
  body: Workflow,
  names: ReadonlyMap<string, string>,
): Workflow {
  const before = reroutesIn(doc);
  const points = Object.entries(body.inputs ?? {}).flatMap(([port, ref]) => {
    const found = before[edgeId(id, port)];
    const node = names.get(ref.node);
    return found && node ? [[edgeId(node, ref.input), found]] : [];
  });
  if (points.length === 0) return made;
  const $reroutes = { ...reroutesIn(made), ...Object.fromEntries(points) };
  return { ...made, layout: { ...made.layout, $reroutes } };
}
