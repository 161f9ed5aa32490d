import { describe, expect, it } from "vitest";
import type { InputSchema, Widget } from "../../src/graph/schema";
import { unwrapped, wrapped } from "../../src/graph/workflow";
import { faultOf, near } from "../../src/widgets/checks";
import { bareNames, begunName, namesLike } from "../../src/widgets/completion";
import { fits, maskName } from "../../src/widgets/files";
import { kindOf } from "../../src/widgets/kinds";
import { evaluateLines, linesOf } from "../../src/widgets/lists";
import { seedIn } from "../../src/widgets/seeds";

const WIRE = { types: ["int"], list: false, optional: false, variable: null };

function input(widget: Widget, more: Partial<InputSchema> = {}): InputSchema {
  const flags = { required: false, optional: false, lazy: false, help: "" };
  return { name: "x", type: "int", wire: WIRE, widget, ...flags, ...more };
}

describe("faults that are plain to see", () => {
  it("tells the nearest number", () => {
    const size = input({ kind: "int", min: 8, max: 64 });
    expect(faultOf(size, 8)).toBeUndefined();
    expect(faultOf(size, 4)?.nearest).toBe(8);
    expect(faultOf(size, 2n ** 70n)?.nearest).toBe(64);
    expect(faultOf(size, 9.6)?.nearest).toBe(10);
    expect(faultOf(size, "8")?.key).toBe("widgets.fault.number");
    expect(faultOf(input({ kind: "float", min: 0 }), -1)?.key).toBe("widgets.fault.least");
  });

  it("takes a seed that is drawn, and null where that is allowed", () => {
    expect(faultOf(input({ kind: "seed", min: 0 }), "random")).toBeUndefined();
    expect(faultOf(input({ kind: "int" }), "random")).toBeDefined();
    expect(faultOf(input({ kind: "int" }, { optional: true }), null)).toBeUndefined();
    expect(faultOf(input({ kind: "int" }), null)).toBeDefined();
  });

  it("finds the choice that was meant", () => {
    const choice = input({ kind: "choice", options: ["euler", "dpmpp_2m", 4] });
    expect(faultOf(choice, "euler")).toBeUndefined();
    expect(faultOf(choice, "eulr")?.nearest).toBe("euler");
    expect(faultOf(choice, "4")?.nearest).toBe(4);
    expect(near("something else", ["euler"])).toBeUndefined();
    expect(near("x", [])).toBeUndefined();
  });

  it("knows nothing of kinds it does not know", () => {
    expect(faultOf(input({ kind: "curve" }), [[0, 1]])).toBeUndefined();
  });
});

describe("values in the file", () => {
  it("wraps what would be taken for a link", () => {
    const link = { node: "a" };
    expect(wrapped(link)).toEqual({ value: link });
    expect(unwrapped(wrapped(link))).toBe(link);
    expect(unwrapped(wrapped({ value: 1 }))).toEqual({ value: 1 });
    expect(wrapped([1])).toEqual([1]);
    expect(unwrapped({ value: 1, more: 2 })).toEqual({ value: 1, more: 2 });
  });

  it("takes a text with a colour for default as a colour", () => {
    expect(kindOf(input({ kind: "text" }, { default: "#ff0000" }))).toBe("color");
    expect(kindOf(input({ kind: "text" }, { default: "#ff" }))).toBe("text");
    expect(kindOf(input({ kind: "text", multiline: true }))).toBe("multiline");
  });

  it("reads lists line by line", () => {
    const floats = { kind: "float_list" };
    expect(evaluateLines("1\n2*3\n\n", floats)).toEqual({ values: [1, 6] });
    expect(evaluateLines("1\ntwo", floats).bad).toBe("two");
    expect(evaluateLines("1.5", { kind: "int_list" }).bad).toBe("1.5");
    expect(evaluateLines("a\n\nb\n", { kind: "text_list" })).toEqual({ values: ["a", "", "b"] });
    expect(evaluateLines("", floats)).toEqual({ values: [] });
    expect(linesOf(["a", "", "b"])).toBe("a\n\nb");
  });
});

describe("names of embeddings", () => {
  it("are begun by embedding:", () => {
    expect(begunName("a, embedding:ey", 15)).toEqual({ start: 13, end: 15, part: "ey" });
    expect(begunName("(Embedding:eye:1.2)", 13)).toEqual({ start: 11, end: 14, part: "ey" });
    expect(begunName("myembedding:ey", 14)).toBeUndefined();
    expect(begunName("embedding:ey b", 14)).toBeUndefined();
  });

  it("come by what was typed, first those that begin with it", () => {
    const names = bareNames(["kind-eyes.safetensors", "sub/Eye.pt", "eye.bin", "v1.5"]);
    expect(namesLike("ey", names)).toEqual(["eye", "kind-eyes", "sub/Eye"]);
    expect(namesLike("", names)).toHaveLength(4);
  });
});

describe("seeds", () => {
  const entry = (seed: number) => ({ type: "K", inputs: { seed } });

  it("are found in what ran, in subgraphs flattened or not", () => {
    const body = { nodegraph: 1, nodes: { k: entry(2) } };
    const nested = { nodegraph: 1, nodes: { g: { type: "Subgraph", inputs: { body } } } };
    expect(seedIn({ nodegraph: 1, nodes: { k: entry(1) } }, [], "k", "seed")).toBe(1);
    expect(seedIn(nested as never, ["g"], "k", "seed")).toBe(2);
    expect(seedIn({ nodegraph: 1, nodes: { "g/k": entry(3) } }, ["g"], "k", "seed")).toBe(3);
    expect(seedIn({ nodegraph: 1, nodes: {} }, [], "k", "seed")).toBeUndefined();
  });
});

describe("files", () => {
  it("are told apart by type or ending", () => {
    expect(fits("image", { type: "image/png", name: "a.png" })).toBe(true);
    expect(fits("image", { type: "audio/wav", name: "a.wav" })).toBe(false);
    expect(fits("latent", { type: "", name: "a.LATENT" })).toBe(true);
    expect(fits("latent", { type: "image/png", name: "a.png" })).toBe(false);
    expect(fits("other", { type: "x/y", name: "a" })).toBe(true);
  });

  it("with a mask keep their folder and are called so once", () => {
    expect(maskName("photos/my.cat.jpg")).toBe("photos/my.cat-mask.png");
    expect(maskName("photos/cat-mask (2).png")).toBe("photos/cat-mask.png");
    expect(maskName("cat")).toBe("cat-mask.png");
  });
});
