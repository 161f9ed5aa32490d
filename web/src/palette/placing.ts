/** Putting a chosen node on the canvas, and linking it as was asked for. */

import { GRID } from "../canvas/grid";
import { announce } from "../commands/announce";
import { showNode, takeFocus } from "../commands/focus";
import { isPointing } from "../commands/keyboard";
import { linked } from "../connect/drag";
import { framesOf, rectsOf } from "../graph/boxes";
import { addNode, freshId, moveNodes, type Point, setPlace } from "../graph/edits";
import { Fitting, type Socket } from "../graph/fitting";
import { freePlace } from "../graph/free";
import { inserted } from "../graph/links";
import { rowsOf } from "../graph/metrics";
import { portsOf } from "../graph/ports";
import { replaced } from "../graph/replace";
import { reusableEntry } from "../graph/reusable";
import type { Catalogue, NodeSchema } from "../graph/schema";
import {
  EMPTY,
  type Json,
  type NodeEntry,
  nodesOf,
  placeOf,
  type Workflow,
} from "../graph/workflow";
import { edit, openDoc } from "../store/documents";
import { useSettings } from "../store/settings";
import { toast } from "../store/toasts";
import type { PaletteRequest } from "../store/view";
import { t } from "../text/catalogue";

/** Does what the palette was opened for with the type that was chosen. */
export function place(schema: NodeSchema, request: PaletteRequest, catalogue: Catalogue): void {
  if (request.replace !== undefined) {
    replace(request.replace, schema, catalogue);
    return;
  }
  const id = freshId(openDoc(), idOf(schema.body ? schema.display_name : schema.name));
  edit("graph.add", (doc) => {
    const bare = addNode(doc, id, entryOf(schema), request.at);
    const made = schema.body ? setPlace(bare, id, { title: schema.display_name }) : bare;
    const placed = settled(made, id, request, catalogue);
    return plugged(placed, id, request, catalogue);
  });
  announce(t("palette.added", { name: schema.display_name }));
  if (request.keys || !isPointing()) showNode(id);
  else takeFocus(id);
}

function replace(id: string, schema: NodeSchema, catalogue: Catalogue): void {
  const { doc, lost } = replaced(openDoc(), id, schema, catalogue);
  edit("graph.replace", () => doc);
  if (lost.length > 0) toast({ kind: "info", text: t("palette.lost", { names: lost.join(", ") }) });
  announce(t("palette.replaced", { name: schema.display_name }));
  showNode(id);
}

/** `LoadThing` -> `load-thing`: ids are typed in commands and read in reports. */
export function idOf(type: string): string {
  const words = type.replace(/([a-z\d])([A-Z])/g, "$1-$2").toLowerCase();
  return words.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "node";
}

export function entryOf(schema: NodeSchema): NodeEntry {
  if (schema.body) return reusableEntry(schema.body);
  const bodies = schema.inputs.filter((one) => one.widget?.kind === "workflow" && one.required);
  const prompts = schema.inputs.filter((one) => one.widget?.prompt && one.required);
  const inputs = Object.fromEntries([
    ...bodies.map(({ name }) => [name, EMPTY as unknown as Json]),
    // An empty field is seen as an empty prompt, which it is then.
    ...prompts.map(({ name }) => [name, ""]),
  ]);
  const version = schema.version === 1 ? {} : { version: schema.version };
  return { type: schema.name, ...version, inputs };
}

/** Its linked socket at the point, or its title; in the middle of the view its own middle. */
function settled(
  doc: Workflow,
  id: string,
  request: PaletteRequest,
  catalogue: Catalogue,
): Workflow {
  const rows = rowsOf(portsOf(doc, id, catalogue), {}, false);
  const { at, loose, keys, link } = request;
  let corner: Point = { x: at.x - 24, y: at.y - 17 };
  if (keys || link !== undefined) {
    corner = { x: at.x - rows.width / 2, y: at.y - rows.height / 2 };
  } else if (loose) {
    const socket = new Fitting(doc, catalogue, loose).best(id)[0];
    const all = [...rows.sockets, ...rows.widgets];
    const row = loose.out
      ? all.find(({ input }) => input?.name === socket?.port)
      : rows.sockets.find(({ output }) => output?.name === socket?.port);
    corner = { x: at.x - (loose.out ? 0 : rows.width), y: at.y - (row?.y ?? 17) };
  }
  const free = keys
    ? freeBeside(doc, id, snapped(corner), catalogue)
    : freeOf(doc, id, snapped(corner));
  return moveNodes(doc, new Map([[id, free]]));
}

function snapped({ x, y }: Point): Point {
  const [across, down] = useSettings.getState().snap ? GRID : [1, 1];
  return { x: Math.round(x / across) * across, y: Math.round(y / down) * down };
}

/** Who types does not choose the place: there nothing may lie under the node. */
export function freeBeside(doc: Workflow, id: string, corner: Point, catalogue: Catalogue): Point {
  const sizeOf = (node: string) => rowsOf(portsOf(doc, node, catalogue), placeOf(doc, node), false);
  const others = [...rectsOf(doc, sizeOf)].filter(([key]) => key !== id && !framesOf(doc).has(key));
  const { width, height } = sizeOf(id);
  return snapped(
    freePlace(
      { ...corner, width, height },
      others.map(([, rect]) => rect),
    ),
  );
}

const STEP = 30;

/** Not just on top of another node, which would be hidden. */
export function freeOf(doc: Workflow, id: string, corner: Point): Point {
  const others = Object.keys(nodesOf(doc)).filter((one) => one !== id);
  const taken = ({ x, y }: Point) =>
    others.some((one) => {
      const place = placeOf(doc, one);
      return Math.abs((place.x ?? 0) - x) < STEP && Math.abs((place.y ?? 0) - y) < STEP;
    });
  let free = corner;
  while (taken(free)) free = { x: free.x + STEP, y: free.y + STEP };
  return free;
}

function plugged(
  doc: Workflow,
  id: string,
  request: PaletteRequest,
  catalogue: Catalogue,
): Workflow {
  const { loose, link } = request;
  if (link !== undefined) return inserted(doc, catalogue, id, link) ?? doc;
  if (loose === undefined) return doc;
  const end: Socket = { node: loose.node, port: loose.port, out: loose.out };
  const socket = new Fitting(doc, catalogue, end).best(id)[0];
  return socket ? linked(doc, end, socket, loose.moved) : doc;
}
