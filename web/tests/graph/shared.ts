/** Cases that the server's tests read as well, and node types made of short descriptions. */

import portsJson from "../../../tests/data/ports.json";
import wiresJson from "../../../tests/data/wires.json";
import { Catalogue, type NodeSchema, type Wire, type WireTypes } from "../../src/graph/schema";
import type { Json, NodeEntry, Workflow } from "../../src/graph/workflow";

interface Short {
  readonly inputs?: { readonly [name: string]: string };
  readonly outputs: { readonly [name: string]: string };
  readonly lazy?: readonly string[];
}

interface Graph {
  readonly name: string;
  readonly nodes: { readonly [id: string]: NodeEntry };
  readonly gives: { readonly [node: string]: { readonly [output: string]: string } };
  readonly links: readonly (readonly [string, string, boolean])[];
}

/** A workflow with a group that is left out, and what it means. */
interface ModeCase {
  readonly name: string;
  readonly drawn: { readonly [id: string]: NodeEntry };
  readonly means: { readonly [id: string]: NodeEntry };
}

type Rows = { readonly [target: string]: readonly string[] };

export const WIRES = wiresJson.wires as { readonly [name: string]: Wire };
export const TYPES = wiresJson.types as WireTypes;
export const VALUES = wiresJson.values as unknown as readonly (readonly [
  Json,
  string[],
  boolean,
])[];
export const DIRECT = wiresJson.direct as Rows;
export const MAPPED = wiresJson.mapped as Rows;
export const JOINED = wiresJson.joined as unknown as {
  readonly [first: string]: { readonly [other: string]: string };
};
export const GRAPHS = portsJson.graphs as unknown as readonly Graph[];
export const MODES = portsJson.modes as unknown as readonly ModeCase[];

function schemaOf(name: string, short: Short): NodeSchema {
  const wireOf = (key: string) => WIRES[key] as Wire;
  const plain = { description: "", display_name: name, category: "test", version: 1, pack: "" };
  const flags = { effect: false, volatile: false, deprecated: null, extras: false };
  const inputs = Object.entries(short.inputs ?? {}).map(([input, wire]) => ({
    name: input,
    type: wire,
    wire: wireOf(wire),
    required: true,
    optional: wireOf(wire).optional,
    lazy: short.lazy?.includes(input) ?? false,
    help: "",
  }));
  const outputs = Object.entries(short.outputs).map(([output, wire]) => ({
    name: output,
    type: wire,
    wire: wireOf(wire),
  }));
  const more = { aliases: [], body_outputs: null, migrates: false };
  return { name, ...plain, ...flags, ...more, inputs, outputs };
}

export function catalogueOf(types: { readonly [name: string]: Short }): Catalogue {
  const nodes = Object.entries(types).map(([name, short]) => schemaOf(name, short));
  return new Catalogue({ nodes, wire_types: TYPES, packs: {}, types: {} });
}

export const CATALOGUE = catalogueOf(portsJson.node_types as { readonly [name: string]: Short });

export function graphOf(name: string): Workflow {
  const found = GRAPHS.find((graph) => graph.name === name);
  if (found === undefined) throw new Error(`there is no graph ${name}`);
  return { nodegraph: 1, nodes: found.nodes };
}
