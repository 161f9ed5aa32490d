/** Places for nodes so that links run from left to right, by dagre; frames stay around theirs. */

import { Graph, layout } from "@dagrejs/dagre";
import {
  boundsOf,
  changeFrames,
  changeNotes,
  framesOf,
  notesOf,
  type Rect,
  rectsOf,
  type SizeOf,
} from "./boxes";
import { moveNodes, type Point } from "./edits";
import { freePlace, overlap } from "./free";
import { contentsOf, padded } from "./groups";
import { packed, piecesOf } from "./packing";
import type { Workflow } from "./workflow";
import { edgesOf, nodesOf, placeOf, reroutesIn } from "./workflow";

const GRID = 10;
/** What a frame is larger than what lies on it, on both sides. */
const FRAME_EDGE = 100;
const FLOW = { rankdir: "LR", nodesep: 30, edgesep: 10, ranksep: 80 };

/** Some nodes arranged; the upper left corner of all of them stays where it was. */
export function arranged(doc: Workflow, picked: ReadonlySet<string>, sizeOf: SizeOf): Workflow {
  const ids = Object.keys(nodesOf(doc)).filter((id) => picked.has(id));
  if (ids.length < 2) return doc;
  const held = heldBy(doc, ids, sizeOf);
  const corners = placed(doc, ids, held, sizeOf);
  const before = boundsOf(
    ids.map((id) => ({ x: 0, y: 0, ...placeOf(doc, id), width: 0, height: 0 })),
  );
  const after = boundsOf([...corners.values()].map((at) => ({ ...at, width: 0, height: 0 })));
  if (before === undefined || after === undefined) return doc;
  const by = { x: before.x - after.x, y: before.y - after.y };
  const places = new Map([...corners].map(([id, at]) => [id, snapped(at, by)]));
  const moved = framesFollow(moveNodes(withoutPoints(doc, picked), places), doc, held, sizeOf);
  return notesYield(moved, held, sizeOf);
}

/** Notes on no frame lie where nodes have come to lie: they go beside them. */
function notesYield(
  doc: Workflow,
  held: ReadonlyMap<string, ReadonlySet<string>>,
  sizeOf: SizeOf,
): Workflow {
  const onFrames = new Set([...held.values()].flatMap((contents) => [...contents]));
  const rects = rectsOf(doc, sizeOf);
  const things = new Map([...rects].filter(([key]) => key in nodesOf(doc) || held.has(key)));
  let made = doc;
  for (const [key, note] of notesOf(doc)) {
    const others = [...things.values()];
    if (onFrames.has(key) || !others.some((one) => overlap(note, one))) continue;
    const at = freePlace(note, others);
    things.set(key, { ...note, ...at });
    made = changeNotes(made, new Set([key]), (one) => ({ ...one, ...at }));
  }
  return made;
}

/** Frame -> what lies on it, for frames all of whose nodes are arranged. */
function heldBy(doc: Workflow, ids: readonly string[], sizeOf: SizeOf) {
  const held = new Map<string, ReadonlySet<string>>();
  const known = new Set(ids);
  for (const key of framesOf(doc).keys()) {
    const contents = contentsOf(doc, new Set([key]), sizeOf);
    const nodes = [...contents].filter((id) => id in nodesOf(doc));
    if (nodes.length > 0 && nodes.every((id) => known.has(id))) held.set(key, contents);
  }
  return held;
}

function placed(
  doc: Workflow,
  ids: readonly string[],
  held: ReadonlyMap<string, ReadonlySet<string>>,
  sizeOf: SizeOf,
): Map<string, Point> {
  const graph = new Graph({ compound: true });
  graph.setGraph({ ...FLOW });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(nodeName(id), { ...sizeOf(id) });
  for (const key of held.keys()) graph.setNode(frameName(key), {});
  for (const id of ids) setParent(graph, nodeName(id), id, held);
  for (const key of held.keys()) setParent(graph, frameName(key), key, held);
  const known = new Set(ids);
  for (const { source, target } of edgesOf(doc)) {
    const inside = known.has(source) && known.has(target) && source !== target;
    if (inside) graph.setEdge(nodeName(source), nodeName(target));
  }
  layout(graph);
  const rects = new Map(
    ids.map((id) => {
      const { x, y, width, height } = graph.node(nodeName(id)) as Rect;
      return [id, { x: x - width / 2, y: y - height / 2, width, height }];
    }),
  );
  const pieces = piecesOf(ids, tiesIn(doc, known, held));
  return pieces.length > 1 ? packed(pieces, rects, held.size > 0 ? FRAME_EDGE : 0) : rects;
}

/** What stays together: linked nodes, and those on one frame. */
function* tiesIn(
  doc: Workflow,
  known: ReadonlySet<string>,
  held: ReadonlyMap<string, ReadonlySet<string>>,
): Generator<readonly [string, string]> {
  for (const { source, target } of edgesOf(doc)) {
    if (known.has(source) && known.has(target)) yield [source, target];
  }
  for (const contents of held.values()) {
    const [first, ...others] = [...contents].filter((id) => known.has(id));
    for (const other of others) yield [first as string, other];
  }
}

/** Into the innermost frame: the one that holds the least. */
function setParent(
  graph: Graph,
  name: string,
  key: string,
  held: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  const around = [...held].filter(([frame, contents]) => frame !== key && contents.has(key));
  around.sort(([, a], [, b]) => a.size - b.size);
  const parent = around[0]?.[0];
  if (parent !== undefined) graph.setParent(name, frameName(parent));
}

const nodeName = (id: string) => `node ${id}`;
const frameName = (key: string) => `frame ${key}`;

/** Frames around what they held before, notes on them where they were in the frame. */
function framesFollow(
  moved: Workflow,
  before: Workflow,
  held: ReadonlyMap<string, ReadonlySet<string>>,
  sizeOf: SizeOf,
): Workflow {
  let made = moved;
  const inner = [...held].sort(([, a], [, b]) => a.size - b.size);
  for (const [key, contents] of inner) {
    const was = framesOf(before).get(key);
    const rects = rectsOf(made, sizeOf);
    const around = boundsOf(
      [...contents].flatMap((id) =>
        id in nodesOf(made) || held.has(id) ? (rects.get(id) ?? []) : [],
      ),
    );
    if (was === undefined || around === undefined) continue;
    const now = padded(around);
    made = changeFrames(made, new Set([key]), (frame) => ({ ...frame, ...now }));
    made = changeNotes(made, contents, (note) => ({
      ...note,
      x: now.x + (note.x - was.x),
      y: now.y + (note.y - was.y),
    }));
  }
  return made;
}

/** Links between arranged nodes need no detours. */
function withoutPoints(doc: Workflow, picked: ReadonlySet<string>): Workflow {
  const reroutes = reroutesIn(doc);
  const inside = new Set(
    edgesOf(doc)
      .filter((edge) => picked.has(edge.source) && picked.has(edge.target))
      .map((edge) => edge.id),
  );
  const kept = Object.entries(reroutes).filter(([id]) => !inside.has(id));
  if (kept.length === Object.keys(reroutes).length) return doc;
  return { ...doc, layout: { ...doc.layout, $reroutes: Object.fromEntries(kept) } };
}

function snapped({ x, y }: Point, by: Point): Point {
  return { x: Math.round((x + by.x) / GRID) * GRID, y: Math.round((y + by.y) / GRID) * GRID };
}
