/** Nodes and edges for React Flow, with what is selected and what is being dragged. */

import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import { liesOn, moveAll } from "../graph/boxes";
import type { Point } from "../graph/edits";
import { activeTab, edit, openDoc, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select, useSelection } from "../store/selection";
import { type AnyNode, type FlowEdge, FlowMaker } from "./flow";
import { useShownResults } from "./results";

type Places = ReadonlyMap<string, Point>;

const NOWHERE: Places = new Map();
const ON_TOP = 1000;

export interface Flow {
  readonly nodes: AnyNode[];
  readonly edges: FlowEdge[];
  readonly onNodesChange: (changes: NodeChange<AnyNode>[]) => void;
  readonly onEdgesChange: (changes: EdgeChange<FlowEdge>[]) => void;
}

export function useFlow(): Flow {
  const doc = useDocuments(openDoc);
  const inside = useDocuments((state) => activeTab(state).path.length > 0);
  const catalogue = useNodes((state) => state.catalogue);
  const results = useShownResults();
  const maker = useRef(new FlowMaker());
  const base = useMemo(
    () => (catalogue ? maker.current.nodesOf(doc, catalogue, results, inside) : []),
    [doc, catalogue, results, inside],
  );
  const links = useMemo(() => maker.current.edgesOf(doc, base), [doc, base]);
  const [dragged, onNodesChange] = useDrag(base);
  const selection = useSelection();
  const overlay = useRef(new WeakMap<AnyNode, AnyNode>());
  const nodes = useMemo(
    () => overlaid(base, selection.nodes, dragged, overlay.current),
    [base, selection.nodes, dragged],
  );
  const edges = useMemo(() => marked(links, selection.edges), [links, selection.edges]);
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => takeSelection(changes, "edges"),
    [],
  );
  return { nodes, edges, onNodesChange, onEdgesChange };
}

/** Where dragged things are until they are dropped: then all that moved is one step. */
function useDrag(base: readonly AnyNode[]): [Places, Flow["onNodesChange"]] {
  const [dragged, setDragged] = useState<Places>(NOWHERE);
  const now = useRef(NOWHERE);
  const known = useRef(base);
  known.current = base;
  const onNodesChange = useCallback((changes: NodeChange<AnyNode>[]) => {
    takeSelection(changes, "nodes");
    const places = new Map(now.current);
    let ended = false;
    for (const change of changes) {
      if (change.type !== "position") continue;
      if (change.position) moveOne(places, change.id, change.position, known.current, changes);
      if (change.dragging === false) ended = true;
    }
    if (places.size === 0) return;
    const byKey = now.current.size === 0;
    now.current = ended ? NOWHERE : places;
    setDragged(now.current);
    if (ended) drop(places, known.current, byKey);
  }, []);
  return [dragged, onNodesChange];
}

/** Moves one thing, and with a frame what lies on it. */
function moveOne(
  places: Map<string, Point>,
  id: string,
  to: Point,
  base: readonly AnyNode[],
  changes: readonly NodeChange<AnyNode>[],
): void {
  places.set(id, to);
  const frame = base.find((node) => node.id === id);
  if (frame?.type !== "frame") return;
  const own = new Set(changes.map((change) => ("id" in change ? change.id : "")));
  const by = { x: to.x - frame.position.x, y: to.y - frame.position.y };
  for (const node of base) {
    if (own.has(node.id) || !liesOn(rectOf(node), rectOf(frame))) continue;
    places.set(node.id, { x: node.position.x + by.x, y: node.position.y + by.y });
  }
}

function rectOf(node: AnyNode) {
  return { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };
}

function drop(places: Places, base: readonly AnyNode[], byKey: boolean): void {
  const rounded = new Map(
    [...places].map(([id, { x, y }]) => [id, { x: Math.round(x), y: Math.round(y) }]),
  );
  const stayed = ({ id, position }: AnyNode) => {
    const to = rounded.get(id);
    return to === undefined || (to.x === position.x && to.y === position.y);
  };
  if (base.every(stayed)) return;
  const merge = byKey ? { merge: `nudge ${[...places.keys()].join(" ")}` } : {};
  edit("edit.move", (doc) => moveAll(doc, rounded), merge);
}

/** The same node objects as before where nothing lies over them. */
function overlaid(
  base: readonly AnyNode[],
  selected: ReadonlySet<string>,
  dragged: Places,
  before: WeakMap<AnyNode, AnyNode>,
): AnyNode[] {
  return base.map((node) => {
    const position = dragged.get(node.id) ?? node.position;
    const isSelected = selected.has(node.id);
    if (!isSelected && position === node.position) return node;
    const known = before.get(node);
    if (known && known.position === position && known.selected === isSelected) return known;
    const zIndex = node.zIndex ?? (isSelected ? ON_TOP : 0);
    const made = { ...node, position, selected: isSelected, zIndex } as AnyNode;
    before.set(node, made);
    return made;
  });
}

function marked(links: FlowEdge[], selected: ReadonlySet<string>): FlowEdge[] {
  if (selected.size === 0) return links;
  return links.map((link) => (selected.has(link.id) ? { ...link, selected: true } : link));
}

function takeSelection(
  changes: readonly (NodeChange<AnyNode> | EdgeChange<FlowEdge>)[],
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
