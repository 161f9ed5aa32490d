/** The open workflow as React Flow wants it: node and edge objects that change only when they must. */

import type { Edge, Node, NodeHandle } from "@xyflow/react";
import { Position } from "@xyflow/react";
import { type Rows, rowsOf } from "../graph/metrics";
import { outputOf, type Ports, portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import type { Workflow } from "../graph/workflow";
import { edgesOf, nodesOf, placeOf } from "../graph/workflow";
import { wireColor } from "./colors";

export interface NodeData extends Record<string, unknown> {
  readonly ports: Ports;
  readonly rows: Rows;
}

export type FlowNode = Node<NodeData, "node">;

export interface EdgeData extends Record<string, unknown> {
  readonly color: string;
  readonly points: readonly { x: number; y: number }[];
}

export type FlowEdge = Edge<EdgeData, "link">;

interface Kept {
  readonly entry: unknown;
  readonly place: unknown;
  readonly catalogue: Catalogue;
  readonly linked: string;
  readonly result: boolean;
  readonly node: FlowNode;
}

const SOCKET = 12;

/** Makes nodes of a workflow, and hands out the same objects again for what did not change. */
export class FlowNodes {
  private kept = new Map<string, Kept>();

  of(doc: Workflow, catalogue: Catalogue, withResult: ReadonlySet<string>): FlowNode[] {
    const kept = new Map<string, Kept>();
    const asked = askedOutputs(doc);
    const made = Object.entries(nodesOf(doc)).map(([id, entry]) => {
      const place = doc.layout?.[id];
      const linked = asked.get(id) ?? "";
      const result = withResult.has(id);
      const known = this.kept.get(id);
      const same =
        known !== undefined &&
        known.entry === entry &&
        known.place === place &&
        known.catalogue === catalogue &&
        known.linked === linked &&
        known.result === result;
      const node = same ? known.node : flowNode(doc, id, catalogue, result);
      kept.set(id, { entry, place, catalogue, linked, result, node });
      return node;
    });
    this.kept = kept;
    return made;
  }
}

/** For placeholders, which have the outputs that are asked of them. */
function askedOutputs(doc: Workflow): Map<string, string> {
  const asked = new Map<string, string>();
  for (const { source, output } of edgesOf(doc)) {
    asked.set(source, `${asked.get(source) ?? ""} ${output ?? ""}`);
  }
  return asked;
}

function flowNode(doc: Workflow, id: string, catalogue: Catalogue, result: boolean): FlowNode {
  const place = placeOf(doc, id);
  const ports = portsOf(doc, id, catalogue);
  const rows = rowsOf(ports, place, result);
  const { width, height } = rows;
  return {
    id,
    type: "node",
    position: { x: place.x ?? 0, y: place.y ?? 0 },
    data: { ports, rows },
    width,
    height,
    handles: handlesOf(rows),
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

/** Links whose both ends are there; the others stay in the workflow and are drawn as problems. */
export function flowEdges(doc: Workflow, nodes: readonly FlowNode[]): FlowEdge[] {
  const ports = new Map(nodes.map((node) => [node.id, node.data.ports]));
  const reroutes = doc.layout?.$reroutes ?? {};
  const made: FlowEdge[] = [];
  for (const edge of edgesOf(doc)) {
    const source = ports.get(edge.source);
    const output = source && outputOf(source, edge.output);
    const target = ports.get(edge.target)?.inputs.some((input) => input.name === edge.input);
    if (output === undefined || !target) continue;
    made.push({
      id: edge.id,
      type: "link",
      source: edge.source,
      target: edge.target,
      sourceHandle: `out:${output.name}`,
      targetHandle: `in:${edge.input}`,
      data: { color: wireColor(output.wire), points: reroutes[edge.id] ?? [] },
    });
  }
  return made;
}
