import { expect, test } from "vitest";
import { nearestTo, neighbour, readingOrder } from "../../src/graph/neighbours";
import type { Workflow } from "../../src/graph/workflow";

const DOC: Workflow = {
  nodegraph: 1,
  nodes: {
    load: { type: "Load" },
    blur: { type: "Blur", inputs: { image: { node: "load", output: "image" } } },
    far: { type: "Blur", inputs: { image: { node: "load", output: "image" } } },
    alone: { type: "Load" },
  },
};
const MIDDLES = new Map([
  ["load", { x: 0, y: 0 }],
  ["blur", { x: 300, y: 40 }],
  ["far", { x: 300, y: 400 }],
  ["alone", { x: 10, y: 200 }],
]);

test("right and left go along links, to the nearest of several", () => {
  expect(neighbour(DOC, MIDDLES, "load", "right")).toBe("blur");
  expect(neighbour(DOC, MIDDLES, "far", "left")).toBe("load");
});

test("without links they go to what stands there", () => {
  expect(neighbour(DOC, MIDDLES, "alone", "right")).toBe("blur");
  expect(neighbour(DOC, MIDDLES, "load", "left")).toBeUndefined();
});

test("up and down go by place", () => {
  expect(neighbour(DOC, MIDDLES, "load", "down")).toBe("alone");
  expect(neighbour(DOC, MIDDLES, "far", "up")).toBe("blur");
  expect(neighbour(DOC, MIDDLES, "load", "up")).toBeUndefined();
});

test("a reader goes column by column", () => {
  expect(readingOrder(MIDDLES)).toEqual(["load", "alone", "blur", "far"]);
  expect(nearestTo(MIDDLES, { x: 290, y: 300 })).toBe("far");
  expect(nearestTo(new Map(), { x: 0, y: 0 })).toBeUndefined();
});
