/** The workflow file as the editor holds it: plain data, never changed in place. */

/** A value no program but the reader's knows: kept as it came. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** An input that takes what an output of another node gives. */
export interface Link {
  readonly node: string;
  readonly output?: string;
}

/** `muted` nodes never run, with all that needs them; `bypassed` ones hand their inputs on. */
export type Mode = "muted" | "bypassed";

export interface NodeEntry {
  readonly type: string;
  readonly version?: number;
  readonly inputs?: { readonly [name: string]: Json };
  readonly mode?: Mode;
  readonly [unknown: string]: unknown;
}

/** A declared input: a field of a node. `label` is for people, the name is the stable id. */
export interface InputRef {
  readonly node: string;
  readonly input: string;
  readonly label?: string;
  readonly [unknown: string]: unknown;
}

/** A declared output: an output of a node, or what a saving node made. */
export interface OutputRef {
  readonly node: string;
  readonly output?: string;
  readonly label?: string;
  readonly [unknown: string]: unknown;
}

/** Where a node is drawn and how; sizes in canvas units, colours as CSS writes them. */
export interface Place {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly title?: string;
  readonly color?: string;
  readonly collapsed?: boolean;
  /** Inputs with a widget that are shown as sockets. */
  readonly sockets?: readonly string[];
  /** What linked inputs held before: the values come back when the links go. */
  readonly unlinked?: { readonly [name: string]: Json };
  readonly [unknown: string]: unknown;
}

export interface Frame {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly color?: string;
}

export interface Note {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text: string;
  readonly markdown?: boolean;
  readonly color?: string;
}

/** Points that a link goes through, under the key `target node/input`. */
export type Reroutes = { readonly [link: string]: readonly { x: number; y: number }[] };

/** Node ids -> places; names that begin with `$` are not nodes. */
export interface Layout {
  readonly $groups?: readonly Frame[];
  readonly $notes?: readonly Note[];
  readonly $reroutes?: Reroutes;
  readonly [id: string]: unknown;
}

export interface Workflow {
  readonly nodegraph: number;
  readonly name?: string;
  readonly inputs?: { readonly [name: string]: InputRef };
  readonly outputs?: { readonly [name: string]: OutputRef };
  readonly nodes?: { readonly [id: string]: NodeEntry };
  readonly layout?: Layout;
  readonly [unknown: string]: unknown;
}

export const EMPTY: Workflow = { nodegraph: 1, name: "", nodes: {}, layout: {} };

/** The type of nodes that hold a workflow of their own, in `inputs.body`. */
export const SUBGRAPH = "Subgraph";

export function isLink(value: unknown): value is Link {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "node" in value;
}

type Wrapped = { readonly value: Json };

/** A literal as the file holds it: `{"value": x}` is the same as x. */
export function unwrapped(value: Json | undefined): Json | undefined {
  return isWrapped(value) ? value.value : value;
}

/** Wraps what would be taken for a link, or for a wrapping. */
export function wrapped(value: Json): Json {
  return isLink(value) || isWrapped(value) ? { value } : value;
}

function isWrapped(value: Json | undefined): value is Wrapped {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && "value" in value && Object.keys(value).length === 1;
}

const plainLists = new WeakMap<readonly Json[], Json[]>();

/** What a literal says to who reads it: 1.0, which is kept as an object, is 1. */
export function literalOf(held: Json | undefined): Json | undefined {
  const value = unwrapped(held);
  if (value instanceof Number) return value.valueOf();
  if (!Array.isArray(value) || !value.some((one) => (one as unknown) instanceof Number))
    return value;
  const known = plainLists.get(value) ?? value.map((one) => literalOf(one) as Json);
  plainLists.set(value, known);
  return known;
}

export function nodesOf(doc: Workflow): { readonly [id: string]: NodeEntry } {
  return doc.nodes ?? {};
}

export function inputsOf(entry: NodeEntry): { readonly [name: string]: Json } {
  return entry.inputs ?? {};
}

const places = new WeakMap<object, Place>();
const NOWHERE: Held = {};

type Held = { readonly [key: string]: unknown };

/** What the file says of a node's place, also what makes no sense here: that stays in it. */
export function heldPlace(doc: Workflow, id: string): Held {
  const held: unknown = doc.layout?.[id];
  const isObject = typeof held === "object" && held !== null && !Array.isArray(held);
  return isObject ? (held as Held) : NOWHERE;
}

/** Where a node is drawn and how, as far as it makes sense: any program may write layouts. */
export function placeOf(doc: Workflow, id: string): Place {
  const held = heldPlace(doc, id);
  const known = places.get(held) ?? sensible(held);
  places.set(held, known);
  return known;
}

/** The same object where all of it makes sense. */
function sensible(held: Held): Place {
  const kept = Object.entries(held).filter(([key, value]) => KINDS[key]?.(value) ?? true);
  return kept.length === Object.keys(held).length ? held : Object.fromEntries(kept);
}

/** Further out nothing can be drawn. */
const FURTHEST = 1e7;

function isLength(value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) <= FURTHEST;
}

const isText = (value: unknown) => typeof value === "string";
const KINDS: { readonly [key: string]: (value: unknown) => boolean } = {
  x: isLength,
  y: isLength,
  width: isLength,
  height: isLength,
  title: isText,
  color: isText,
  collapsed: (value) => typeof value === "boolean",
  sockets: (value) => Array.isArray(value) && value.every(isText),
  unlinked: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

const NONE: readonly never[] = [];

/** Frames as the layout has them; none where it holds something else, as any program may write. */
export function framesIn({ layout }: Workflow): readonly Frame[] {
  const found = isBoxes(layout?.$groups) ? (layout?.$groups ?? NONE) : NONE;
  return found.every(({ title }) => title === undefined || isText(title)) ? found : NONE;
}

export function notesIn({ layout }: Workflow): readonly Note[] {
  const found = isBoxes(layout?.$notes) ? (layout?.$notes ?? NONE) : NONE;
  return found.every(({ text }) => isText(text)) ? found : NONE;
}

export function reroutesIn({ layout }: Workflow): Reroutes {
  const found: unknown = layout?.$reroutes;
  if (typeof found !== "object" || found === null) return {};
  return Object.values(found).every(isPoints) ? (found as Reroutes) : {};
}

function isPoints(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => hasNumbers(one, ["x", "y"]));
}

function isBoxes(value: unknown): boolean {
  const sides = ["x", "y", "width", "height"];
  return Array.isArray(value) && value.every((one) => hasNumbers(one, sides));
}

function hasNumbers(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => isLength((value as { [key: string]: unknown })[name]));
}

/** One link of a workflow, named by the input it ends in. */
export interface Edge {
  readonly id: string;
  readonly source: string;
  /** Undefined where the link leaves it open: the only output of its node. */
  readonly output: string | undefined;
  readonly target: string;
  readonly input: string;
}

export function edgeId(target: string, input: string): string {
  return `${target}/${input}`;
}

/** Every link, in the order of nodes and inputs. */
export function edgesOf(doc: Workflow): Edge[] {
  const edges: Edge[] = [];
  for (const [target, entry] of Object.entries(nodesOf(doc))) {
    for (const [input, value] of Object.entries(inputsOf(entry))) {
      if (isLink(value)) {
        const { node: source, output } = value;
        edges.push({ id: edgeId(target, input), source, output, target, input });
      }
    }
  }
  return edges;
}
