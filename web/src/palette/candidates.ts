/** Which node types the palette offers, in which order. */

import { type FittingType, fittingPort, sourceOf, wireOfSocket } from "../graph/fitting";
import { edgeOf } from "../graph/links";
import { alternatives } from "../graph/replace";
import type { Catalogue, NodeSchema, Wire } from "../graph/schema";
import { type Field, ranked } from "../graph/search";
import type { Workflow } from "../graph/workflow";
import type { Loose, PaletteRequest } from "../store/view";
import { recentBonus } from "./recent";

export interface Candidate {
  readonly schema: NodeSchema;
  /** The socket that would be linked. */
  readonly port?: string;
  /** It carries just what is looked for. */
  readonly exact: boolean;
}

/** Types and saved nodes (`own`) that fit what is asked for, those that fit just so first. */
export function candidatesFor(
  request: PaletteRequest,
  doc: Workflow,
  catalogue: Catalogue,
  own: readonly NodeSchema[] = [],
): Candidate[] {
  const installed = catalogue.nodes.filter((schema) => !isInternal(schema.category));
  const shown = request.replace === undefined ? [...installed, ...own] : installed;
  if (request.loose) return exactFirst(loose(shown, request.loose, catalogue));
  if (request.link !== undefined) return exactFirst(between(shown, request.link, doc, catalogue));
  if (request.replace === undefined) return shown.map((schema) => ({ schema, exact: true }));
  const like = alternatives(doc, request.replace, catalogue);
  const alike = new Set(like);
  const others = shown.filter((schema) => !alike.has(schema));
  return [
    ...like.filter((schema) => shown.includes(schema)).map((schema) => ({ schema, exact: true })),
    ...others.map((schema) => ({ schema, exact: false })),
  ];
}

/** Made by other nodes, not put on a canvas by people. */
function isInternal(category: string): boolean {
  return category.split("/").includes("internal");
}

function loose(shown: readonly NodeSchema[], end: Loose, catalogue: Catalogue): Candidate[] {
  return shown.flatMap((schema) => fittingPort(schema, end.out, end.wire, catalogue) ?? []);
}

/** Types that take what a link carries and give what it feeds. */
function between(
  shown: readonly NodeSchema[],
  link: string,
  doc: Workflow,
  catalogue: Catalogue,
): Candidate[] {
  const edge = edgeOf(doc, link);
  const source = edge && sourceOf(doc, catalogue, edge.target, edge.input);
  if (edge === undefined || source === undefined) return [];
  const given = wireOfSocket(doc, catalogue, source);
  const into = { node: edge.target, port: edge.input, out: false };
  const taken = wireOfSocket(doc, catalogue, into);
  return shown.flatMap((schema): Candidate[] => {
    const input = fittingPort(schema, true, given, catalogue);
    const output = fittingPort(schema, false, openTo(taken, given), catalogue);
    if (input === undefined || output === undefined) return [];
    return [{ schema, port: input.port, exact: input.exact && output.exact }];
  });
}

/** What is looked for at an input that takes anything is what it gets now. */
function openTo(taken: Wire, given: Wire): Wire {
  return taken.variable === null ? taken : given;
}

function exactFirst(found: readonly (Candidate | FittingType)[]): Candidate[] {
  return [...found.filter((one) => one.exact), ...found.filter((one) => !one.exact)];
}

const DEPRECATED = -30;
const EXACT = 15;
/** For each level of its category: what stands deep in is wanted more seldom. */
const DEEP = -12;

/** Those that a query finds, the best first; what was used lately comes first among equals. */
export function searched(
  query: string,
  candidates: readonly Candidate[],
  recent: readonly string[],
  categoryPath: (category: string) => string = (category) => category,
): Candidate[] {
  const fields = (candidate: Candidate) => fieldsOf(candidate, categoryPath);
  return ranked(query, candidates, fields, ({ schema, exact }) => {
    const old = schema.deprecated === null ? 0 : DEPRECATED;
    const deep = DEEP * schema.category.split("/").length;
    return recentBonus(recent, schema.name) + old + deep + (exact ? EXACT : 0);
  });
}

/** Also what it is called in English: that is how people and other programs write about it. */
function fieldsOf({ schema }: Candidate, categoryPath: (category: string) => string): Field[] {
  const [title, description] = schema.english ?? [];
  const category = categoryPath(schema.category);
  return [
    { text: schema.display_name, weight: 1, fuzzy: true },
    { text: schema.name, weight: 0.98, fuzzy: true },
    ...schema.aliases.map((text) => ({ text, weight: 0.9, fuzzy: true })),
    { text: schema.category, weight: 0.55, fuzzy: false },
    { text: schema.description, weight: 0.4, fuzzy: false },
    ...(title === undefined ? [] : [{ text: title, weight: 0.95, fuzzy: true }]),
    ...(description === undefined ? [] : [{ text: description, weight: 0.35, fuzzy: false }]),
    ...(category === schema.category ? [] : [{ text: category, weight: 0.55, fuzzy: false }]),
  ];
}

export interface Level {
  /** The categories right under this one, with how many types are somewhere in each. */
  readonly categories: readonly { readonly path: string; readonly count: number }[];
  readonly nodes: readonly Candidate[];
}

/** What stands in a category, `""` for all. */
export function levelOf(candidates: readonly Candidate[], category: string): Level {
  const start = category === "" ? "" : `${category}/`;
  const counts = new Map<string, number>();
  for (const { schema } of candidates) {
    if (!schema.category.startsWith(start)) continue;
    const path = start + (schema.category.slice(start.length).split("/")[0] ?? "");
    if (path !== start) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  const categories = [...counts].map(([path, count]) => ({ path, count }));
  categories.sort((a, b) => a.path.localeCompare(b.path));
  const nodes = candidates.filter(({ schema }) => schema.category === category);
  return { categories, nodes };
}

export function isUnder(category: string, parent: string): boolean {
  return parent === "" || category === parent || category.startsWith(`${parent}/`);
}
