/** Declaring inputs and outputs of a workflow. */

import { describe as about, expect, test } from "vitest";
import {
  declaredOf,
  declareInput,
  declareOutput,
  describe,
  inputNameOf,
  outputNameOf,
  rename,
  reorder,
  titleOf,
  undeclare,
} from "../../src/graph/declared";
import type { Workflow } from "../../src/graph/workflow";

const DOC: Workflow = {
  nodegraph: 1,
  nodes: { a: { type: "A", inputs: { text: "x" } }, b: { type: "A" } },
  inputs: {
    text: { node: "a", input: "text", from_elsewhere: true },
    size: { node: "a", input: "size" },
  },
};

const names = (doc: Workflow) => declaredOf(doc, "inputs").map(([name]) => name);

about("declared inputs", () => {
  test("a field is declared once, under a free name", () => {
    const made = declareInput(DOC, "b", "text");
    expect(inputNameOf(made, "b", "text")).toBe("text-2");
    expect(declareInput(made, "b", "text")).toBe(made);
  });

  test("a new name stays in its place and keeps what it does not know", () => {
    const made = rename(DOC, "inputs", "text", "prompt");
    expect(names(made)).toEqual(["prompt", "size"]);
    expect(made.inputs?.prompt).toEqual(DOC.inputs?.text);
  });

  test("a name that is taken or empty is not given", () => {
    expect(rename(DOC, "inputs", "text", "size")).toBe(DOC);
    expect(rename(DOC, "inputs", "text", "")).toBe(DOC);
  });

  test("they are moved, not beyond the ends", () => {
    expect(names(reorder(DOC, "inputs", "size", -1))).toEqual(["size", "text"]);
    expect(reorder(DOC, "inputs", "size", 1)).toBe(DOC);
    expect(reorder(DOC, "inputs", "none", -1)).toBe(DOC);
  });

  test("words are set, and left out when they are empty", () => {
    const made = describe(DOC, "inputs", "size", { label: "Size", description: "In pixels." });
    expect(made.inputs?.size).toMatchObject({ label: "Size", description: "In pixels." });
    const bare = describe(made, "inputs", "size", { label: "", description: "" });
    expect(bare.inputs?.size).toEqual({ node: "a", input: "size" });
  });

  test("the title is the label, or else the name in words", () => {
    expect(titleOf("negative_prompt", { node: "a", input: "x" })).toBe("Negative prompt");
    expect(titleOf("n", { node: "a", input: "x", label: "Not this" })).toBe("Not this");
  });

  test("taking one away leaves the others", () => {
    expect(names(undeclare(DOC, "inputs", "text"))).toEqual(["size"]);
    expect(undeclare(DOC, "inputs", "none")).toBe(DOC);
  });
});

test("outputs are declared with the output they mean, or the node that saves", () => {
  let made = declareOutput(DOC, "a", undefined, "image");
  made = declareOutput(made, "a", "mask", "image");
  expect(made.outputs).toEqual({ image: { node: "a" }, "image-2": { node: "a", output: "mask" } });
  expect(outputNameOf(made, "a", "mask")).toBe("image-2");
  expect(declareOutput(made, "a", undefined, "other")).toBe(made);
});
