/** Which sockets a loose end of a link may be plugged into, and why not into others. */

import { read, type WireAt, wireOfLink } from "./given";
import { ANYTHING, outputOf, type Ports, portsOf } from "./ports";
import type { Catalogue, InputSchema, NodeSchema, OutputSchema, Wire } from "./schema";
import { accepts, acceptsMapped, mayConnect, sameWire } from "./wires";
import type { Json, NodeEntry, Workflow } from "./workflow";
import { inputsOf, isLink, nodesOf } from "./workflow";

/** A socket: an output of a node, or an input. */
export interface Socket {
  readonly node: string;
  readonly port: string;
  readonly out: boolean;
}

/** `circle`: the node would feed itself; `type`: it takes something else; `side`: both give or take. */
export type Refusal = "circle" | "type" | "side";

export function socketKey({ node, port, out }: Socket): string {
  return `${node}/${out ? "out" : "in"}:${port}`;
}

/** What a socket carries as it stands: of an output what it gives, of an input what it takes. */
export function wireOfSocket(doc: Workflow, catalogue: Catalogue, socket: Socket): Wire {
  const { node, port, out } = socket;
  if (out) return wireOfLink(doc, catalogue, { node, output: port }) ?? ANYTHING;
  const ports = portsOf(doc, node, catalogue);
  return ports.inputs.find((input) => input.name === port)?.wire ?? ANYTHING;
}

/** Answers for one loose end about all sockets of a workflow; what is asked twice is known. */
export class Fitting {
  /** Nodes that would feed themselves. */
  private readonly closed: ReadonlySet<string>;
  private readonly given: Wire | undefined;
  private readonly answers = new Map<string, Refusal | null>();

  constructor(
    private readonly doc: Workflow,
    private readonly catalogue: Catalogue,
    readonly end: Socket,
  ) {
    this.closed = end.out ? sourcesOf(doc, end.node) : readersOf(doc, end.node);
    this.given = end.out ? wireOfSocket(doc, catalogue, end) : undefined;
  }

  /** Null if the link may end there. */
  refusal(socket: Socket): Refusal | null {
    const key = socketKey(socket);
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const made = this.judge(socket);
    this.answers.set(key, made);
    return made;
  }

  /** The sockets of a node that fit, the best first: free and required, free, taken; then by `near`. */
  best(node: string, near: (socket: Socket) => number = () => 0): Socket[] {
    const ports = portsOf(this.doc, node, this.catalogue);
    const out = !this.end.out;
    const names = (out ? ports.outputs : ports.inputs).map(({ name }) => name);
    const sockets = names.map((port) => ({ node, port, out }));
    const ranked = sockets
      .filter((socket) => this.refusal(socket) === null)
      .map((socket) => ({ socket, rank: this.rank(socket, ports), far: near(socket) }));
    ranked.sort((a, b) => a.rank - b.rank || a.far - b.far);
    return ranked.map(({ socket }) => socket);
  }

  /** Why no socket of a node fits; null if one does. */
  refusalOf(node: string): Refusal | null {
    if (this.best(node).length > 0) return null;
    return this.closed.has(node) ? "circle" : "type";
  }

  private judge(socket: Socket): Refusal | null {
    if (socket.out === this.end.out) return "side";
    if (this.closed.has(socket.node)) return "circle";
    const [from, to] = this.end.out ? [this.end, socket] : [socket, this.end];
    const wire = this.given ?? wireOfSocket(this.doc, this.catalogue, from);
    return takes(this.doc, this.catalogue, to, wire) ? null : "type";
  }

  private rank(socket: Socket, ports: Ports): number {
    const carried = wireOfSocket(this.doc, this.catalogue, socket);
    const mine = this.given ?? wireOfSocket(this.doc, this.catalogue, this.end);
    const exact = sameWire(carried, mine) ? 0 : 1;
    if (socket.out) return exact;
    const input = ports.inputs.find(({ name }) => name === socket.port);
    const taken = isLink(inputsOf(nodesOf(this.doc)[socket.node] ?? { type: "" })[socket.port]);
    const value = input?.widget === undefined ? 0 : 2;
    return (taken ? 8 : 0) + (input?.required && value === 0 ? 0 : 4) + value + exact;
  }
}

/** Whether an input takes a wire, beside what its node's other inputs hold. */
export function takes(doc: Workflow, catalogue: Catalogue, to: Socket, wire: Wire): boolean {
  const entry = nodesOf(doc)[to.node];
  if (entry === undefined) return false;
  const ports = portsOf(doc, to.node, catalogue);
  const target = ports.inputs.find((input) => input.name === to.port);
  if (target === undefined) return false;
  if (target.wire.variable === null) return takesAlone(target.wire, wire, ports, catalogue);
  const wireAt: WireAt = (value) => wireOfLink(doc, catalogue, value);
  const before = read(entry, ports, catalogue, wireAt).wrong;
  const inputs = { ...inputsOf(entry), [to.port]: { node: "", output: "" } as Json };
  const tried = (value: Json | undefined, input: string) =>
    input === to.port ? wire : wireAt(value, input);
  const after = read({ ...entry, inputs }, ports, catalogue, tried).wrong;
  return !after.has(to.port) && [...after].every((name) => before.has(name));
}

/** An input whose type is fixed does not care about the others; a lazy node takes no lists one by one. */
function takesAlone(target: Wire, wire: Wire, ports: Ports, catalogue: Catalogue): boolean {
  if (accepts(target, wire, catalogue.wireTypes)) return true;
  const lazy = ports.inputs.some((input) => input.lazy);
  return !lazy && acceptsMapped(target, wire, catalogue.wireTypes);
}

/** A node type that a loose end could be linked to, and by which socket. */
export interface FittingType {
  readonly schema: NodeSchema;
  readonly port: string;
  /** Whether it carries just the same, rather than something that fits as well. */
  readonly exact: boolean;
}

/** The socket of a type that a loose end would be plugged into; undefined if none fits. */
export function fittingPort(
  schema: NodeSchema,
  out: boolean,
  wire: Wire,
  catalogue: Catalogue,
): FittingType | undefined {
  const types = catalogue.wireTypes;
  const fits = (one: InputSchema | OutputSchema) =>
    out ? mayConnect(one.wire, wire, types) : mayConnect(wire, one.wire, types);
  const ports: readonly (InputSchema | OutputSchema)[] = out ? schema.inputs : schema.outputs;
  const exact = (one: InputSchema | OutputSchema) => sameWire(one.wire, wire);
  const bare = (one: InputSchema | OutputSchema) => !("widget" in one && one.widget);
  const found = ports.filter(fits);
  const rank = (one: InputSchema | OutputSchema) => (exact(one) ? 0 : 2) + (bare(one) ? 0 : 1);
  const best = [...found].sort((a, b) => rank(a) - rank(b))[0];
  return best && { schema, port: best.name, exact: exact(best) };
}

/** Every socket of a workflow that a loose end may be plugged into, node by node. */
export function fittingSockets(doc: Workflow, fitting: Fitting): Map<string, readonly Socket[]> {
  const found = new Map<string, readonly Socket[]>();
  for (const id of Object.keys(nodesOf(doc))) {
    const sockets = fitting.best(id);
    if (sockets.length > 0) found.set(id, sockets);
  }
  return found;
}

/** The output that an input is linked to; undefined if it holds no link that leads somewhere. */
export function sourceOf(
  doc: Workflow,
  catalogue: Catalogue,
  node: string,
  input: string,
): Socket | undefined {
  const value = inputsOf(nodesOf(doc)[node] ?? { type: "" })[input];
  if (!isLink(value)) return undefined;
  const output = outputOf(portsOf(doc, value.node, catalogue), value.output);
  return output && { node: value.node, port: output.name, out: true };
}

/** A node and all that it is fed by. */
function sourcesOf(doc: Workflow, id: string): Set<string> {
  return closure(id, (one) => linksOf(nodesOf(doc)[one]));
}

/** A node and all that it feeds. */
function readersOf(doc: Workflow, id: string): Set<string> {
  const readers = new Map<string, string[]>();
  for (const [target, entry] of Object.entries(nodesOf(doc))) {
    for (const source of linksOf(entry)) {
      readers.set(source, [...(readers.get(source) ?? []), target]);
    }
  }
  return closure(id, (one) => readers.get(one) ?? []);
}

function linksOf(entry: NodeEntry | undefined): string[] {
  if (entry === undefined) return [];
  return Object.values(inputsOf(entry)).flatMap((value) => (isLink(value) ? [value.node] : []));
}

function closure(start: string, next: (id: string) => readonly string[]): Set<string> {
  const seen = new Set<string>();
  const waiting = [start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...next(id));
  }
  return seen;
}
