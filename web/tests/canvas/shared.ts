/** A small catalogue and workflow that the canvas' tests share. */

import { Catalogue, type InputSchema, type NodeSchema, type Wire } from "../../src/graph/schema";
import type { Workflow } from "../../src/graph/workflow";

function wire(type: string, list = false): Wire {
  return { types: [type], list, optional: false, variable: null };
}

function input(name: string, type: string, more: Partial<InputSchema> = {}): InputSchema {
  const flags = { required: true, optional: false, lazy: false, help: "" };
  return { name, type, wire: wire(type), ...flags, ...more };
}

function schema(name: string, inputs: InputSchema[], outputs: [string, string, boolean?][]) {
  const made: NodeSchema = {
    name,
    display_name: `The ${name}`,
    description: "",
    category: "test",
    version: 1,
    pack: "test",
    effect: false,
    volatile: false,
    deprecated: null,
    aliases: [],
    inputs,
    outputs: outputs.map(([out, type, list]) => ({ name: out, type, wire: wire(type, list) })),
    extras: false,
    body_outputs: null,
    migrates: false,
  };
  return made;
}

const amount = { required: false, default: 1, widget: { kind: "number" } };

export const CATALOGUE = new Catalogue({
  nodes: [
    schema("Load", [input("file", "str", { widget: { kind: "text" } })], [["image", "Image"]]),
    schema("Frames", [], [["images", "Image", true]]),
    schema(
      "Blur",
      [input("image", "Image"), input("amount", "float", amount)],
      [["image", "Image"]],
    ),
    schema("Save", [input("images", "Image")], []),
  ],
  wire_types: {},
  packs: {},
  types: {},
});

export const DOC: Workflow = {
  nodegraph: 1,
  nodes: {
    a: { type: "Load", inputs: { file: "x.png" } },
    b: { type: "Blur", inputs: { image: { node: "a" }, amount: 2 } },
    c: { type: "Save", inputs: { images: { node: "b", output: "image" } } },
  },
  layout: {
    a: { x: 0, y: 0 },
    b: { x: 300, y: 0, title: "Soft" },
    c: { x: 600, y: 0 },
    $groups: [{ id: "f", x: 280, y: -40, width: 320, height: 300, title: "Middle" }],
    $notes: [{ id: "n", x: 0, y: 400, width: 100, height: 60, text: "look" }],
  },
};
