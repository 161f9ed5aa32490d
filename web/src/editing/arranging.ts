/** Putting things in order: in line, with equal gaps, along the flow. */

import { announce } from "../commands/announce";
import { register } from "../commands/registry";
import { type AlignEdge, aligned, distributed, EDGES } from "../graph/align";
import { moveAll, type Rect, rectsOf } from "../graph/boxes";
import type { Point } from "../graph/edits";
import { contentsOf } from "../graph/groups";
import { nodesOf } from "../graph/workflow";
import { edit, openDoc } from "../store/documents";
import { t } from "../text/catalogue";
import { picked, pickedFrames, pickedNodes, sizes } from "./picked";

/** What is on a selected frame moves with it. */
function movable(): Map<string, Rect> {
  const doc = openDoc();
  const held = contentsOf(doc, pickedFrames(doc), sizes());
  const things = picked(doc);
  return new Map([...rectsOf(doc, sizes())].filter(([id]) => things.has(id) && !held.has(id)));
}

function move(label: string, find: (rects: ReadonlyMap<string, Rect>) => Map<string, Point>): void {
  const doc = openDoc();
  const rects = movable();
  const places = find(rects);
  const frames = pickedFrames(doc);
  for (const [id, to] of [...places]) {
    const from = rects.get(id);
    if (from === undefined || !frames.has(id)) continue;
    const all = rectsOf(doc, sizes());
    for (const inner of contentsOf(doc, new Set([id]), sizes())) {
      const rect = all.get(inner);
      if (rect) places.set(inner, { x: rect.x + to.x - from.x, y: rect.y + to.y - from.y });
    }
  }
  edit(label, (now) => moveAll(now, places));
}

function align(edge: AlignEdge): void {
  move("edit.align", (rects) => aligned(rects, edge));
  announce(t(`command.graph.align.${edge}`));
}

/** Its library is fetched when it is first needed. */
async function arrange(): Promise<void> {
  const { arranged } = await import("../graph/autolayout");
  const some = pickedNodes();
  const ids = some.size > 1 ? some : new Set(Object.keys(nodesOf(openDoc())));
  const sizeOf = sizes();
  edit("edit.arrange", (doc) => arranged(doc, ids, sizeOf));
  announce(t("command.graph.arrange"));
}

const ARROWS: { readonly [edge in AlignEdge]?: string } = {
  left: "Alt+Shift+ArrowLeft",
  right: "Alt+Shift+ArrowRight",
  top: "Alt+Shift+ArrowUp",
  bottom: "Alt+Shift+ArrowDown",
};

register(
  ...EDGES.map((edge) => ({
    id: `graph.align.${edge}`,
    ...(ARROWS[edge] && { keys: ARROWS[edge] }),
    enabled: () => movable().size > 1,
    run: () => align(edge),
  })),
  {
    id: "graph.distribute.x",
    enabled: () => movable().size > 2,
    run: () => move("edit.distribute", (rects) => distributed(rects, "x")),
  },
  {
    id: "graph.distribute.y",
    enabled: () => movable().size > 2,
    run: () => move("edit.distribute", (rects) => distributed(rects, "y")),
  },
  {
    id: "graph.arrange",
    keys: "Alt+L",
    enabled: () => Object.keys(nodesOf(openDoc())).length > 1,
    run: arrange,
  },
);
