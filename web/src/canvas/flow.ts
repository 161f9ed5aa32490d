/** The open workflow as React Flow wants it: objects that change only when they must. */

import type { Edge, Node, NodeHandle } from "@xyflow/react";
import { Position } from "@xyflow/react";
import { frameKey, noteKey } from "../graph/boxes";
import { type Rows, rowsOf } from "../graph/metrics";
import { outputOf, type Ports, portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import type { Frame, NodeEntry, Note, Place, Workflow } from "../graph/workflow";
import { edgesOf, framesIn, nodesOf, notesIn, placeOf, reroutesIn } from "../graph/workflow";
import { wireColor } from "./colors";

export interface NodeData extends Record<string, unknown> {
  readonly entry: NodeEntry;
  readonly place: Place;
  readonly ports: Ports;
  readonly rows: Rows;
  /** What people call it. */
  readonly title: string;
  /** Inputs whose link leads nowhere -> where it should lead. */
  readonly broken: ReadonlyMap<string, string>;
  readonly linked: ReadonlySet<string>;
  /** Inside of a subgraph: its sockets that are ports of it, as `in:NAME` and `out:NAME`. */
  readonly exposed: ReadonlySet<string>;
}

export type FlowNode = Node<NodeData, "node">;
export type FrameNode = Node<{ readonly frame: Frame }, "frame">;
export type NoteNode = Node<{ readonly note: Note }, "note">;
export type AnyNode = FlowNode | FrameNode | NoteNode;

export interface EdgeData extends Record<string, unknown> {
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** A list flows into an input that takes one value: the node runs for each. */
  readonly mapped: boolean;
}

export type FlowEdge = Edge<EdgeData, "link">;

const SOCKET = 12;
const NO_POINTS: EdgeData["points"] = [];
/** Frames and notes lie behind nodes and links. */
const BEHIND = -10;

/**
 * Sizes and sockets come from graph/metrics.ts. React Flow would measure each node once more when
 * it appears, by the id on its element; without one it finds nothing to measure.
 */
const UNMEASURED = { "data-id": undefined } as object;

interface Known {
  readonly key: readonly unknown[];
  readonly node: AnyNode;
}

/** Makes nodes and edges of a workflow, and hands out the same objects for what did not change. */
export class FlowMaker {
  private nodes = new Map<string, Known>();
  private edges = new Map<string, FlowEdge>();
  private ports = new Map<string, { readonly key: readonly unknown[]; readonly ports: Ports }>();

  /** `inside`: the workflow is the body of a subgraph. */
  nodesOf(
    doc: Workflow,
    catalogue: Catalogue,
    withResult: ReadonlySet<string>,
    inside = false,
  ): AnyNode[] {
    const ports = this.portsOf(doc, catalogue);
    const links = linksOf(doc, ports);
    const exposed = inside ? exposedOf(doc) : undefined;
    const kept = new Map<string, Known>();
    const keep = <N extends AnyNode>(id: string, key: readonly unknown[], make: () => N) => {
      const known = this.nodes.get(id);
      const node = known && same(known.key, key) ? known.node : make();
      kept.set(id, { key, node });
      return node;
    };
    const made: AnyNode[] = [
      ...framesIn(doc).map((frame, n) => {
        const id = frameKey(doc, frame, n);
        return keep(id, [frame], () => frameNode(id, frame));
      }),
      ...notesIn(doc).map((note, n) => {
        const id = noteKey(doc, note, n);
        return keep(id, [note], () => noteNode(id, note));
      }),
    ];
    for (const [id, entry] of Object.entries(nodesOf(doc))) {
      const own = ports.get(id) as Ports;
      const result = withResult.has(id);
      const link = links.get(id);
      const open = exposed?.get(id);
      const key = [entry, doc.layout?.[id], own, result, link?.key, open && [...open].join(" ")];
      const make = () => flowNode(id, entry, placeOf(doc, id), own, result, link, open);
      made.push(keep(id, key, make));
    }
    this.nodes = kept;
    return made;
  }

  /** Links whose both ends are there; the others are shown at the input they end in. */
  edgesOf(doc: Workflow, nodes: readonly AnyNode[]): FlowEdge[] {
    const ports = new Map(nodes.flatMap((n) => (n.type === "node" ? [[n.id, n.data.ports]] : [])));
    const reroutes = reroutesIn(doc);
    const kept = new Map<string, FlowEdge>();
    for (const { id, source, output: named, target, input } of edgesOf(doc)) {
      const from = ports.get(source);
      const output = from && outputOf(from, named);
      const to = ports.get(target)?.inputs.find((one) => one.name === input);
      if (output === undefined || to === undefined) continue;
      const mapped = output.wire.list && !to.wire.list && to.wire.variable === null;
      const points = reroutes[id] ?? NO_POINTS;
      const data = { color: wireColor(output.wire), points, mapped };
      const ends = {
        source,
        target,
        sourceHandle: `out:${output.name}`,
        targetHandle: `in:${input}`,
      };
      const made = {
        id,
        type: "link" as const,
        ariaLabel: `${source} → ${target} ${input}`,
        ...ends,
        data,
      };
      const known = this.edges.get(id);
      kept.set(id, known && sameEdge(known, made) ? known : made);
    }
    this.edges = kept;
    return [...kept.values()];
  }

  private portsOf(doc: Workflow, catalogue: Catalogue): ReadonlyMap<string, Ports> {
    const asked = askedOutputs(doc);
    const kept: typeof this.ports = new Map();
    for (const [id, entry] of Object.entries(nodesOf(doc))) {
      const key = [entry, catalogue, asked.get(id)];
      const known = this.ports.get(id);
      const ports = known && same(known.key, key) ? known.ports : portsOf(doc, id, catalogue);
      kept.set(id, { key, ports });
    }
    this.ports = kept;
    return new Map([...kept].map(([id, { ports }]) => [id, ports]));
  }
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((value, place) => value === b[place]);
}

function sameEdge(a: FlowEdge, b: FlowEdge): boolean {
  const ends = a.source === b.source && a.sourceHandle === b.sourceHandle;
  const looks = a.data?.color === b.data?.color && a.data?.mapped === b.data?.mapped;
  return ends && looks && a.data?.points === b.data?.points;
}

/** For placeholders, which have the outputs that are asked of them. */
function askedOutputs(doc: Workflow): Map<string, string> {
  const asked = new Map<string, string>();
  for (const { source, output } of edgesOf(doc)) {
    asked.set(source, `${asked.get(source) ?? ""} ${output ?? ""}`);
  }
  return asked;
}

interface Links {
  /** Says whether it is the same as before. */
  readonly key: string;
  readonly linked: ReadonlySet<string>;
  readonly broken: ReadonlyMap<string, string>;
}

/** Of each node with links: which inputs they end in, and which of them lead nowhere. */
function linksOf(doc: Workflow, ports: ReadonlyMap<string, Ports>): Map<string, Links> {
  const made = new Map<string, { key: string; linked: Set<string>; broken: Map<string, string> }>();
  for (const { source, output, target, input } of edgesOf(doc)) {
    const links = made.get(target) ?? { key: "", linked: new Set(), broken: new Map() };
    const from = ports.get(source);
    const whole = from !== undefined && outputOf(from, output) !== undefined;
    links.linked.add(input);
    if (!whole) links.broken.set(input, output === undefined ? source : `${source}.${output}`);
    links.key += `${whole ? "+" : "-"}${input} `;
    made.set(target, links);
  }
  return made;
}

const NOTHING: ReadonlySet<string> = new Set();

function exposedOf(doc: Workflow): Map<string, Set<string>> {
  const made = new Map<string, Set<string>>();
  const add = (node: string, socket: string) =>
    made.set(node, (made.get(node) ?? new Set()).add(socket));
  for (const { node, input } of Object.values(doc.inputs ?? {})) add(node, `in:${input}`);
  for (const { node, output } of Object.values(doc.outputs ?? {})) add(node, `out:${output ?? ""}`);
  return made;
}

const NO_LINKS: Links = { key: "", linked: new Set(), broken: new Map() };

function flowNode(
  id: string,
  entry: NodeEntry,
  place: Place,
  ports: Ports,
  result: boolean,
  links: Links = NO_LINKS,
  exposed: ReadonlySet<string> = NOTHING,
): FlowNode {
  const rows = rowsOf(ports, place, result);
  const { width, height } = rows;
  const title = place.title ?? ports.schema?.display_name ?? entry.type;
  const { linked, broken } = links;
  return {
    id,
    type: "node",
    position: { x: place.x ?? 0, y: place.y ?? 0 },
    data: { entry, place, ports, rows, title, linked, broken, exposed },
    width,
    height,
    measured: { width, height },
    handles: handlesOf(rows),
    ariaLabel: title,
    domAttributes: UNMEASURED,
  };
}

function frameNode(id: string, frame: Frame): FrameNode {
  const { width, height } = frame;
  return {
    id,
    type: "frame",
    position: { x: frame.x, y: frame.y },
    data: { frame },
    width,
    height,
    measured: { width, height },
    zIndex: 2 * BEHIND,
    ariaLabel: frame.title,
    domAttributes: UNMEASURED,
    // Only its head is taken hold of: elsewhere the canvas is panned, as if it were not there.
    dragHandle: ".frame-head",
    style: { pointerEvents: "none" },
  };
}

function noteNode(id: string, note: Note): NoteNode {
  const { width, height } = note;
  return {
    id,
    type: "note",
    position: { x: note.x, y: note.y },
    data: { note },
    width,
    height,
    measured: { width, height },
    zIndex: BEHIND,
    ariaLabel: note.text.slice(0, 60),
    domAttributes: UNMEASURED,
  };
}

function handlesOf(rows: Rows): NodeHandle[] {
  const size = { width: SOCKET, height: SOCKET };
  const input = (name: string, y: number): NodeHandle => ({
    id: `in:${name}`,
    type: "target",
    position: Position.Left,
    x: -SOCKET / 2,
    y: y - SOCKET / 2,
    ...size,
  });
  const output = (name: string, y: number): NodeHandle => ({
    id: `out:${name}`,
    type: "source",
    position: Position.Right,
    x: rows.width - SOCKET / 2,
    y: y - SOCKET / 2,
    ...size,
  });
  return [
    ...rows.sockets.flatMap((row) => [
      ...(row.input ? [input(row.input.name, row.y)] : []),
      ...(row.output ? [output(row.output.name, row.y)] : []),
    ]),
    ...rows.widgets.map((row) => input(row.input.name, row.y)),
  ];
}
