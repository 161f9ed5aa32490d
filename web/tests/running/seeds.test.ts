import { expect, it } from "vitest";
import { Catalogue, type InputSchema } from "../../src/graph/schema";
import type { Workflow } from "../../src/graph/workflow";
import { seedFields, seedKey, variations } from "../../src/running/seeds";

const wire = { types: ["int"], list: false, optional: false, variable: null };
const flags = { required: false, optional: false, lazy: false, help: "" };
const input = (name: string, kind: string, max?: number | bigint): InputSchema => ({
  name,
  type: "int",
  wire,
  ...flags,
  default: 0,
  widget: { kind, ...(max !== undefined && { max: max as number }) },
});
const about = { description: "", category: "", version: 1, pack: "p", aliases: [] };
const rest = { effect: false, volatile: false, deprecated: null, extras: false, migrates: false };
const draws = {
  ...about,
  ...rest,
  name: "Draws",
  display_name: "Draws",
  inputs: [input("seed", "seed", 2n ** 64n - 1n), input("steps", "int")],
  outputs: [{ name: "out", type: "int", wire }],
  body_outputs: null,
};
const catalogue = new Catalogue({ nodes: [draws], wire_types: {}, packs: {}, types: {} });

const doc: Workflow = {
  nodegraph: 1,
  nodes: {
    a: { type: "Draws", inputs: { seed: 7 } },
    unset: { type: "Draws" },
    linked: { type: "Draws", inputs: { seed: { node: "a" } } },
    muted: { type: "Draws", mode: "muted", inputs: { seed: 1 } },
    group: {
      type: "Subgraph",
      inputs: {
        body: {
          nodegraph: 1,
          inputs: { outer: { node: "x", input: "seed" } },
          nodes: {
            x: { type: "Draws", inputs: { seed: 3 } },
            y: { type: "Draws", inputs: { seed: "random" } },
          },
        },
      },
    },
  },
};
const fields = seedFields(doc, catalogue);
const seedOf = (made: Workflow, node: string) => made.nodes?.[node]?.inputs?.seed;

it("finds every seed with a value of its own, inside of subgraphs too", () => {
  expect(fields.map(seedKey)).toEqual(["a.seed", "unset.seed", "group.outer", "group/y.seed"]);
});

it("draws anew for each run where that is wanted, and leaves the rest alone", () => {
  const made = variations(doc, fields, (f) => (f.node === "a" ? "random" : "keep"), 3);
  expect(made.map((one) => seedOf(one, "a"))).toEqual(["random", "random", "random"]);
  expect(made.map((one) => seedOf(one, "unset"))).toEqual([undefined, undefined, undefined]);
});

it("counts on from what is there; the first run keeps it", () => {
  const made = variations(
    doc,
    fields,
    () => "increment",
    3,
    () => 100n,
  );
  expect(made.map((one) => seedOf(one, "a"))).toEqual([7, 8, 9]);
  expect(made.map((one) => seedOf(one, "unset"))).toEqual([0, 1, 2]);
  const inner = made.map((one) => {
    const body = one.nodes?.group?.inputs?.body as unknown as Workflow;
    return seedOf(body, "y");
  });
  expect(inner).toEqual([100, 101, 102]);
  expect(made.map((one) => one.nodes?.group?.inputs?.outer)).toEqual([3, 4, 5]);
});

it("goes on beyond what a double holds, and begins anew after the largest", () => {
  const last = 2n ** 64n - 1n;
  const at = (seed: bigint): Workflow => ({
    nodegraph: 1,
    nodes: { a: { type: "Draws", inputs: { seed } } },
  });
  const run = (seed: bigint) =>
    variations(at(seed), seedFields(at(seed), catalogue), () => "increment", 2).map((one) =>
      seedOf(one, "a"),
    );
  expect(run(2n ** 60n)).toEqual([2n ** 60n, 2n ** 60n + 1n]);
  expect(run(last)).toEqual([last, 0]);
});
