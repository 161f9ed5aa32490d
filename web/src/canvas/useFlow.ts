/** Nodes and edges for React Flow, with what is selected and what is being dragged. */

import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import { moveNodes, type Point } from "../graph/edits";
import { edit, openDoc, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select, useSelection } from "../store/selection";
import { type FlowEdge, type FlowNode, FlowNodes, flowEdges } from "./flow";
import { useShownResults } from "./results";

type Places = ReadonlyMap<string, Point>;

const NOWHERE: Places = new Map();

export interface Flow {
  readonly nodes: FlowNode[];
  readonly edges: FlowEdge[];
  readonly onNodesChange: (changes: NodeChange<FlowNode>[]) => void;
  readonly onEdgesChange: (changes: EdgeChange<FlowEdge>[]) => void;
}

export function useFlow(): Flow {
  const doc = useDocuments(openDoc);
  const catalogue = useNodes((state) => state.catalogue);
  const results = useShownResults();
  const maker = useRef(new FlowNodes());
  const base = useMemo(
    () => (catalogue ? maker.current.of(doc, catalogue, results) : []),
    [doc, catalogue, results],
  );
  const links = useMemo(() => flowEdges(doc, base), [doc, base]);
  const [dragged, setDragged] = useState<Places>(NOWHERE);
  const selection = useSelection();
  const overlay = useRef(new Map<FlowNode, FlowNode>());
  const nodes = useMemo(
    () => overlaid(base, selection.nodes, dragged, overlay.current),
    [base, selection.nodes, dragged],
  );
  const edges = useMemo(
    () => links.map((link) => (selection.edges.has(link.id) ? { ...link, selected: true } : link)),
    [links, selection.edges],
  );
  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    takeSelection(changes, "nodes");
    setDragged((before) => moved(before, changes));
  }, []);
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => takeSelection(changes, "edges"),
    [],
  );
  return { nodes, edges, onNodesChange, onEdgesChange };
}

/** The same node objects as before where nothing lies over them. */
function overlaid(
  base: readonly FlowNode[],
  selected: ReadonlySet<string>,
  dragged: Places,
  before: Map<FlowNode, FlowNode>,
): FlowNode[] {
  return base.map((node) => {
    const position = dragged.get(node.id) ?? node.position;
    const isSelected = selected.has(node.id);
    if (!isSelected && position === node.position) return node;
    const known = before.get(node);
    if (known && known.position === position && known.selected === isSelected) return known;
    const made = { ...node, position, selected: isSelected };
    before.set(node, made);
    return made;
  });
}

/** Follows a drag; at the drop all that moved is one step of the history. */
function moved(before: Places, changes: readonly NodeChange<FlowNode>[]): Places {
  const places = new Map(before);
  let ended = false;
  for (const change of changes) {
    if (change.type !== "position") continue;
    if (change.position) places.set(change.id, change.position);
    if (change.dragging === false) ended = true;
  }
  if (!ended) return places.size > 0 ? places : before;
  queueMicrotask(() => edit("edit.move", (doc) => moveNodes(doc, rounded(places))));
  return NOWHERE;
}

function rounded(places: Places): Places {
  return new Map([...places].map(([id, { x, y }]) => [id, { x: Math.round(x), y: Math.round(y) }]));
}

function takeSelection(
  changes: readonly (NodeChange<FlowNode> | EdgeChange<FlowEdge>)[],
  kind: "nodes" | "edges",
): void {
  const picked = changes.filter((change) => change.type === "select");
  if (picked.length === 0) return;
  const state = useSelection.getState();
  const now = new Set(state[kind]);
  for (const { id, selected } of picked) {
    if (selected) now.add(id);
    else now.delete(id);
  }
  if (kind === "nodes") select(now, state.edges);
  else select(state.nodes, now);
}
