/** Changes of a workflow as functions: each returns a new one and leaves the old as it was. */

import type {
  InputRef,
  Json,
  Layout,
  Link,
  NodeEntry,
  OutputRef,
  Place,
  Workflow,
} from "./workflow";
import { heldPlace, inputsOf, isLink, nodesOf } from "./workflow";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `base`, or `base-2`, `base-3`, ... where that is taken. */
export function freshId(doc: Workflow, base: string): string {
  const taken = nodesOf(doc);
  if (!(base in taken)) return base;
  let n = 2;
  while (`${base}-${n}` in taken) n += 1;
  return `${base}-${n}`;
}

export function addNode(doc: Workflow, id: string, entry: NodeEntry, at: Point): Workflow {
  const nodes = { ...nodesOf(doc), [id]: entry };
  return setPlace({ ...doc, nodes }, id, { x: at.x, y: at.y });
}

/** Without some nodes, the links from them, their places, and what declares their fields. */
export function removeNodes(doc: Workflow, ids: ReadonlySet<string>): Workflow {
  const nodes: Record<string, NodeEntry> = {};
  for (const [id, entry] of Object.entries(nodesOf(doc))) {
    if (!ids.has(id)) nodes[id] = withoutLinksFrom(entry, ids);
  }
  const layout: Record<string, unknown> = { ...doc.layout };
  for (const id of ids) delete layout[id];
  const made: Workflow = { ...doc, nodes, layout };
  return {
    ...made,
    ...(doc.inputs && { inputs: keep(doc.inputs, (ref: InputRef) => !ids.has(ref.node)) }),
    ...(doc.outputs && { outputs: keep(doc.outputs, (ref: OutputRef) => !ids.has(ref.node)) }),
  };
}

export function updateNode(
  doc: Workflow,
  id: string,
  change: (entry: NodeEntry) => NodeEntry,
): Workflow {
  const entry = nodesOf(doc)[id];
  if (entry === undefined) return doc;
  return { ...doc, nodes: { ...nodesOf(doc), [id]: change(entry) } };
}

/** Sets a literal or a link; `undefined` takes the input away, so that its default holds. */
export function setInput(
  doc: Workflow,
  id: string,
  name: string,
  value: Json | undefined,
): Workflow {
  return updateNode(doc, id, (entry) => {
    const inputs: Record<string, Json> = { ...inputsOf(entry) };
    if (value === undefined) delete inputs[name];
    else inputs[name] = value;
    return { ...entry, inputs };
  });
}

export function connect(doc: Workflow, link: Link, target: string, input: string): Workflow {
  return setInput(doc, target, input, { ...link } as Json);
}

/** Without the link at an input; a literal there stays. */
export function disconnect(doc: Workflow, target: string, input: string): Workflow {
  const value = nodesOf(doc)[target]?.inputs?.[input];
  return isLink(value) ? setInput(doc, target, input, undefined) : doc;
}

export function setPlace(doc: Workflow, id: string, change: Partial<Place>): Workflow {
  const place: Record<string, unknown> = { ...heldPlace(doc, id), ...change };
  for (const [key, value] of Object.entries(place)) if (value === undefined) delete place[key];
  return { ...doc, layout: { ...doc.layout, [id]: place } };
}

export function moveNodes(doc: Workflow, places: ReadonlyMap<string, Point>): Workflow {
  const layout: Record<string, unknown> = { ...doc.layout };
  for (const [id, at] of places) layout[id] = { ...heldPlace(doc, id), x: at.x, y: at.y };
  return { ...doc, layout };
}

export function setLayout(doc: Workflow, change: Partial<Layout>): Workflow {
  return { ...doc, layout: { ...doc.layout, ...change } };
}

/** Whether a link from `source` to `target` would close a circle. */
export function closesCircle(doc: Workflow, source: string, target: string): boolean {
  const seen = new Set<string>();
  const waiting = [source];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === target) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const entry = nodesOf(doc)[id];
    if (entry === undefined) continue;
    for (const value of Object.values(inputsOf(entry))) if (isLink(value)) waiting.push(value.node);
  }
  return false;
}

function withoutLinksFrom(entry: NodeEntry, ids: ReadonlySet<string>): NodeEntry {
  const inputs = inputsOf(entry);
  const cut = Object.values(inputs).some((value) => isLink(value) && ids.has(value.node));
  if (!cut) return entry;
  return { ...entry, inputs: keep(inputs, (value) => !(isLink(value) && ids.has(value.node))) };
}

function keep<T>(
  from: { readonly [name: string]: T },
  wanted: (value: T) => boolean,
): { [name: string]: T } {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => wanted(value)));
}
