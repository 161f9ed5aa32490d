/** Changes of links: their reroutes, nodes put between, cutting several, all of a node. */

import { connect, disconnect, type Point, setLayout } from "./edits";
import { Fitting, type Socket, sourceOf, takes, wireOfSocket } from "./fitting";
import { portsOf } from "./ports";
import type { Catalogue } from "./schema";
import { sameWire } from "./wires";
import type { Edge, Link, Reroutes, Workflow } from "./workflow";
import { edgeId, edgesOf, inputsOf, isLink, nodesOf, reroutesIn } from "./workflow";

export function edgeOf(doc: Workflow, id: string): Edge | undefined {
  return edgesOf(doc).find((edge) => edge.id === id);
}

/** Links two sockets, whichever of them gives; an old link of the input goes, with its reroutes. */
export function plug(doc: Workflow, one: Socket, other: Socket): Workflow {
  const [from, to] = one.out ? [one, other] : [other, one];
  const before = inputsOf(nodesOf(doc)[to.node] ?? { type: "" })[to.port];
  const link: Link = { node: from.node, output: from.port };
  if (isLink(before) && before.node === link.node && before.output === link.output) return doc;
  return connect(withReroutes(doc, edgeId(to.node, to.port), []), link, to.node, to.port);
}

/** Moves the end of a link from one input to another; its reroutes go along. */
export function replug(doc: Workflow, from: Socket, before: Socket, to: Socket): Workflow {
  if (before.node === to.node && before.port === to.port) return doc;
  const points = reroutesIn(doc)[edgeId(before.node, before.port)] ?? [];
  const moved = plug(unplugged(doc, [edgeId(before.node, before.port)]), from, to);
  return withReroutes(moved, edgeId(to.node, to.port), points);
}

/** Without some links and their reroutes. */
export function unplugged(doc: Workflow, ids: readonly string[]): Workflow {
  let made = doc;
  for (const id of ids) {
    const edge = edgeOf(made, id);
    if (edge) made = withReroutes(disconnect(made, edge.target, edge.input), id, []);
  }
  return made;
}

/** The links into and out of a node. */
export function linksOf(doc: Workflow, id: string): string[] {
  return edgesOf(doc)
    .filter((edge) => edge.source === id || edge.target === id)
    .map((edge) => edge.id);
}

/** Sets the points that a link goes through; none takes them away. */
export function withReroutes(doc: Workflow, link: string, points: readonly Point[]): Workflow {
  const before = reroutesIn(doc);
  if (points.length === 0 && before[link] === undefined) return doc;
  const { [link]: _, ...rest } = before;
  const rounded = points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
  const $reroutes: Reroutes = rounded.length > 0 ? { ...rest, [link]: rounded } : rest;
  return setLayout(doc, { $reroutes: Object.keys($reroutes).length > 0 ? $reroutes : undefined });
}

/** Adds a point to a link where it lies nearest between two of its stops. */
export function addPoint(
  doc: Workflow,
  link: string,
  at: Point,
  ends: readonly [Point, Point],
): Workflow {
  const points = reroutesIn(doc)[link] ?? [];
  const stops = [ends[0], ...points, ends[1]];
  const detours = stops.slice(1).map((to, place) => {
    const from = stops[place] as Point;
    return distance(from, at) + distance(at, to) - distance(from, to);
  });
  const place = detours.indexOf(Math.min(...detours));
  return withReroutes(doc, link, [...points.slice(0, place), at, ...points.slice(place)]);
}

export function removePoint(doc: Workflow, link: string, place: number): Workflow {
  const points = reroutesIn(doc)[link] ?? [];
  return withReroutes(
    doc,
    link,
    points.filter((_, one) => one !== place),
  );
}

/** A node put on a link: fed by its source, feeding its target; undefined if it does not fit. */
export function inserted(
  doc: Workflow,
  catalogue: Catalogue,
  id: string,
  link: string,
): Workflow | undefined {
  const edge = edgeOf(doc, link);
  if (edge === undefined || edge.source === id || edge.target === id) return undefined;
  const from = sourceOf(doc, catalogue, edge.target, edge.input);
  if (from === undefined) return undefined;
  const input = new Fitting(doc, catalogue, from).best(id)[0];
  if (input === undefined) return undefined;
  const fed = plug(doc, from, input);
  const to: Socket = { node: edge.target, port: edge.input, out: false };
  const output = outputFor(fed, catalogue, id, to, wireOfSocket(doc, catalogue, from));
  return output && plug(fed, output, to);
}

function outputFor(
  doc: Workflow,
  catalogue: Catalogue,
  id: string,
  to: Socket,
  carried: ReturnType<typeof wireOfSocket>,
): Socket | undefined {
  const sockets = portsOf(doc, id, catalogue).outputs.map(
    ({ name }): Socket => ({ node: id, port: name, out: true }),
  );
  const wireOf = (socket: Socket) => wireOfSocket(doc, catalogue, socket);
  const fit = sockets.filter((socket) => takes(doc, catalogue, to, wireOf(socket)));
  return fit.find((socket) => sameWire(wireOf(socket), carried)) ?? fit[0];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
