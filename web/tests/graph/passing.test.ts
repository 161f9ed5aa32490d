/** Groups that are left out: cases shared with the server (tests/data/ports.json). */

import { describe, expect, it, test } from "vitest";
import { isLeftOut } from "../../src/graph/modes";
import { handedOn } from "../../src/graph/passing";
import { Catalogue, type NodeSchema } from "../../src/graph/schema";
import { ungrouped } from "../../src/graph/ungroup";
import type { Workflow } from "../../src/graph/workflow";
import { CATALOGUE, MODES, TYPES } from "./shared";

describe.each(MODES)("$name", ({ drawn, means }) => {
  it("means the same once it is taken apart", () => {
    const back = ungrouped({ nodegraph: 1, nodes: drawn }, "group", CATALOGUE)?.doc;
    expect(back?.nodes).toEqual(means);
  });
});

const OWN_BODY = {
  ...(CATALOGUE.find("Blur") as NodeSchema),
  name: "Subgraph",
  outputs: [],
  body_outputs: {},
  inputs: [
    {
      name: "body",
      type: "Workflow",
      wire: { types: ["Workflow"], list: false, optional: false, variable: null },
      required: true,
      optional: false,
      lazy: false,
      help: "",
      widget: { kind: "workflow" },
    },
  ],
};
const WITH_SUBGRAPH = new Catalogue({
  nodes: [...CATALOGUE.nodes, OWN_BODY],
  wire_types: TYPES,
  packs: {},
  types: {},
});

test("places of ports are counted without the body", () => {
  const body = {
    nodegraph: 1,
    inputs: { a: { node: "blend", input: "one" }, b: { node: "blur", input: "image" } },
    outputs: {
      first: { node: "blend", output: "image" },
      second: { node: "blur", output: "image" },
    },
    nodes: { blend: { type: "Blend" }, blur: { type: "Blur" } },
  };
  const doc: Workflow = {
    nodegraph: 1,
    nodes: {
      load: { type: "Load" },
      blur: { type: "Blur" },
      group: {
        type: "Subgraph",
        inputs: { body, a: { node: "load", output: "image" }, b: { node: "blur" } },
      },
    },
  };
  expect(handedOn(doc, { node: "group", output: "first" }, WITH_SUBGRAPH)?.node).toBe("load");
  expect(handedOn(doc, { node: "group", output: "second" }, WITH_SUBGRAPH)?.node).toBe("blur");
});

test("what is muted or bypassed never runs, nor what lies in it", () => {
  const body = { nodegraph: 1, nodes: { load: { type: "Load" }, off: { type: "Load" } } };
  const around = (mode?: "muted" | "bypassed"): Workflow => ({
    nodegraph: 1,
    nodes: { group: { type: "Subgraph", inputs: { body }, ...(mode && { mode }) } },
  });

  expect(isLeftOut(around("bypassed"), ["group"], "load")).toBe(true);
  expect(isLeftOut(around("muted"), [], "group")).toBe(true);
  expect(isLeftOut(around(), ["group"], "load")).toBe(false);
});
