import { expect, test } from "vitest";
import { below, unplacedIn } from "../../src/editing/unplaced";
import { placeOf, type Workflow } from "../../src/graph/workflow";

const doc: Workflow = {
  nodegraph: 1,
  nodes: { a: { type: "A" }, b: { type: "B" }, c: { type: "C" } },
  layout: { a: { x: 100, y: 50 }, b: { title: "Bare" } },
} as Workflow;
const sizeOf = () => ({ width: 200, height: 80 });

test("nodes without a place are found, whatever else is known of them", () => {
  expect([...unplacedIn(doc)]).toEqual(["b", "c"]);
});

test("they go under what has a place, and keep what they have", () => {
  const made = below(doc, unplacedIn(doc), sizeOf);
  expect(placeOf(made, "a")).toEqual({ x: 100, y: 50 });
  expect(placeOf(made, "b")).toEqual({ title: "Bare", x: 100, y: 190 });
  expect(placeOf(made, "c")).toEqual({ x: 100, y: 190 });
});

test("where nothing has a place they begin at the origin", () => {
  const bare = { ...doc, layout: {} };
  expect(placeOf(below(bare, unplacedIn(bare), sizeOf), "c")).toEqual({ x: 0, y: 0 });
});
