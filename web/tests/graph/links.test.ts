import { describe, expect, test } from "vitest";
import { Fitting, fittingPort, fittingSockets, socketKey } from "../../src/graph/fitting";
import { cross, distanceTo, passesThrough } from "../../src/graph/geometry";
import {
  addPoint,
  inserted,
  linksOf,
  plug,
  removePoint,
  replug,
  unplugged,
  withReroutes,
} from "../../src/graph/links";
import { replaced } from "../../src/graph/replace";
import type { Wire } from "../../src/graph/schema";
import type { Workflow } from "../../src/graph/workflow";
import { CATALOGUE, graphOf, WIRES } from "./shared";

const fixed = graphOf("types that are fixed");
const out = (node: string, port: string) => ({ node, port, out: true });
const into = (node: string, port: string) => ({ node, port, out: false });

function inputOf(doc: Workflow, node: string, name: string) {
  return doc.nodes?.[node]?.inputs?.[name];
}

describe("a link", () => {
  test("takes the place of the one that was there, and its reroutes go", () => {
    const before = addPoint(fixed, "blur/image", { x: 5, y: 5 }, [
      { x: 0, y: 0 },
      { x: 9, y: 9 },
    ]);

    const after = plug(before, into("blur", "image"), out("load", "image"));

    expect(inputOf(after, "blur", "image")).toEqual({ node: "load", output: "image" });
    expect(after.layout?.$reroutes).toBeUndefined();
  });

  test("moves to another input with its reroutes", () => {
    const ends = [
      { x: 0, y: 0 },
      { x: 100, y: 0 },
    ] as const;
    const before = addPoint(fixed, "blur/image", { x: 50, y: 40 }, ends);

    const after = replug(
      before,
      out("use", "image"),
      into("blur", "image"),
      into("half", "number"),
    );

    expect(inputOf(after, "blur", "image")).toBeUndefined();
    expect(inputOf(after, "half", "number")).toEqual({ node: "use", output: "image" });
    expect(after.layout?.$reroutes).toEqual({ "half/number": [{ x: 50, y: 40 }] });
  });

  test("is cut, and a value at an input is not", () => {
    const after = unplugged(fixed, [...linksOf(fixed, "use"), "count/start"]);

    expect(after.nodes?.use?.inputs).toEqual({});
    expect(inputOf(after, "blur", "image")).toBeUndefined();
    expect(inputOf(after, "count", "start")).toBe(1);
  });

  test("gets its points in the order in which it comes to them", () => {
    const ends = [
      { x: 0, y: 0 },
      { x: 300, y: 0 },
    ] as const;
    const far = addPoint(fixed, "blur/image", { x: 200, y: 10 }, ends);
    const both = addPoint(far, "blur/image", { x: 100, y: -10 }, ends);

    const moved = withReroutes(both, "blur/image", [
      { x: 100, y: -10 },
      { x: 210.4, y: 0 },
    ]);
    const left = removePoint(moved, "blur/image", 0);

    expect(both.layout?.$reroutes?.["blur/image"]?.map(({ x }) => x)).toEqual([100, 200]);
    expect(left.layout?.$reroutes).toEqual({ "blur/image": [{ x: 210, y: 0 }] });
    expect(removePoint(left, "blur/image", 0).layout?.$reroutes).toBeUndefined();
  });
});

describe("a node put on a link", () => {
  test("is fed by its source and feeds its target", () => {
    const doc = { ...fixed, nodes: { ...fixed.nodes, soft: { type: "Blur" } } };

    const after = inserted(doc, CATALOGUE, "soft", "use/image");

    expect(after && inputOf(after, "soft", "image")).toEqual({ node: "load", output: "image" });
    expect(after && inputOf(after, "use", "image")).toEqual({ node: "soft", output: "image" });
  });

  test("is refused where it takes or gives something else", () => {
    const doc = { ...fixed, nodes: { ...fixed.nodes, soft: { type: "Blur" } } };

    expect(inserted(doc, CATALOGUE, "soft", "use/model")).toBeUndefined();
    expect(inserted(doc, CATALOGUE, "fancy", "use/image")).toBeUndefined();
  });
});

describe("the best input", () => {
  test("is a free one before one that is taken", () => {
    const doc = graphOf("lists");
    const best = new Fitting(doc, CATALOGUE, out("single", "image")).best("blend");
    const freed = unplugged(doc, ["blend/one"]);

    expect(best.map(socketKey)).toEqual(["blend/in:one", "blend/in:other"]);
    expect(new Fitting(freed, CATALOGUE, out("single", "image")).best("blend")[0]?.port).toBe(
      "one",
    );
  });

  test("is the nearest among equals", () => {
    const doc: Workflow = {
      nodegraph: 1,
      nodes: { load: { type: "Load" }, pick: { type: "Switch" } },
    };
    const near =
      (y: number) =>
      ({ port }: { port: string }) =>
        Math.abs((port === "first" ? 0 : 26) - y);
    const fitting = new Fitting(doc, CATALOGUE, out("load", "image"));

    expect(fitting.best("pick", near(2))[0]?.port).toBe("first");
    expect(fitting.best("pick", near(20))[0]?.port).toBe("second");
  });

  test("says why there is none", () => {
    const fitting = new Fitting(fixed, CATALOGUE, out("blur", "image"));

    expect(fitting.refusalOf("use")).toBe("circle");
    expect(fitting.refusalOf("count")).toBe("type");
    expect(fitting.refusalOf("fancy")).toBe("type");
    expect(fitting.refusal(out("load", "image"))).toBe("side");
  });

  test("is found for every node of a workflow at once", () => {
    const found = fittingSockets(fixed, new Fitting(fixed, CATALOGUE, into("fancy", "model")));

    expect([...found.values()].flat().map(socketKey)).toEqual(["load/out:model"]);
  });

  test("of a type that is not there yet is the one that carries just the same", () => {
    const image = WIRES.Image as Wire;
    const ports = CATALOGUE.nodes.map((schema) => fittingPort(schema, true, image, CATALOGUE));
    const found = ports.flatMap((one) =>
      one ? [`${one.schema.name}.${one.port} ${one.exact}`] : [],
    );

    expect(found).toEqual([
      "Blur.image true",
      "Use.image true",
      "Blend.one true",
      "Switch.first false",
      "Later.image true",
      "Show.anything false",
      "Encode.image true",
    ]);
  });
});

describe("another type in a node's place", () => {
  const schema = (name: string) => {
    const found = CATALOGUE.find(name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  test("keeps links whose names fit, and finds other places by type", () => {
    const { doc, lost } = replaced(fixed, "use", schema("Blend"), CATALOGUE);

    expect(doc.nodes?.use).toEqual({
      type: "Blend",
      inputs: { one: { node: "load", output: "image" } },
    });
    expect(inputOf(doc, "blur", "image")).toEqual({ node: "use", output: "image" });
    expect(lost).toEqual(["model"]);
  });

  test("loses links that nothing of it fits", () => {
    const { doc, lost } = replaced(fixed, "use", schema("Count"), CATALOGUE);

    expect(doc.nodes?.use?.inputs).toEqual({});
    expect(inputOf(doc, "blur", "image")).toBeUndefined();
    expect([...lost].sort()).toEqual(["blur/image", "image", "model"]);
  });

  test("keeps what the workflow declares of it where it still has that", () => {
    const declared: Workflow = {
      ...fixed,
      inputs: { a: { node: "use", input: "image" }, b: { node: "use", input: "model" } },
      outputs: { c: { node: "use", output: "image" }, d: { node: "use", output: "mask" } },
    };

    const { doc } = replaced(declared, "use", schema("Blur"), CATALOGUE);

    expect(Object.keys(doc.inputs ?? {})).toEqual(["a"]);
    expect(Object.keys(doc.outputs ?? {})).toEqual(["c"]);
  });
});

describe("lines", () => {
  const box = { x: 10, y: 10, width: 10, height: 10 };

  test("cross or do not", () => {
    const line = [
      { x: 0, y: 0 },
      { x: 10, y: 10 },
    ];
    expect(
      cross(line, [
        { x: 0, y: 10 },
        { x: 10, y: 0 },
      ]),
    ).toBe(true);
    expect(
      cross(line, [
        { x: 5, y: 0 },
        { x: 15, y: 10 },
      ]),
    ).toBe(false);
  });

  test("pass through a rectangle, lie in it, or pass by", () => {
    expect(
      passesThrough(
        [
          { x: 0, y: 15 },
          { x: 30, y: 15 },
        ],
        box,
      ),
    ).toBe(true);
    expect(
      passesThrough(
        [
          { x: 12, y: 15 },
          { x: 14, y: 15 },
        ],
        box,
      ),
    ).toBe(true);
    expect(
      passesThrough(
        [
          { x: 0, y: 25 },
          { x: 30, y: 25 },
        ],
        box,
      ),
    ).toBe(false);
  });

  test("are as far as their nearest piece", () => {
    expect(
      distanceTo({ x: 5, y: 3 }, [
        { x: 0, y: 0 },
        { x: 10, y: 0 },
      ]),
    ).toBe(3);
    expect(
      distanceTo({ x: 14, y: 3 }, [
        { x: 0, y: 0 },
        { x: 10, y: 0 },
      ]),
    ).toBe(5);
  });
});
