import { expect, test } from "vitest";
import { arranged } from "../../src/graph/autolayout";
import { boundsOf, notesOf, type Rect, rectsOf } from "../../src/graph/boxes";
import { freePlace, overlap } from "../../src/graph/free";
import { nodesOf, type Workflow } from "../../src/graph/workflow";

const size = () => ({ width: 260, height: 180 });

function anyOverlap(rects: readonly Rect[]): boolean {
  return rects.some((one, place) => rects.slice(place + 1).some((other) => overlap(one, other)));
}

test("things put at the same place one after the other lie beside each other, near it", () => {
  const rects: Rect[] = [];
  for (let count = 0; count < 9; count += 1) {
    rects.push({ ...freePlace({ x: 0, y: 0, ...size() }, rects), ...size() });
  }
  expect(anyOverlap(rects)).toBe(false);
  expect(rects[0]).toMatchObject({ x: 0, y: 0 });
  for (const { x, y } of rects) expect(Math.hypot(x, y)).toBeLessThan(700);
});

/** Pairs that are linked, nothing else. */
function pairs(count: number, layout: Workflow["layout"] = {}): Workflow {
  const nodes = Array.from({ length: count }, (_, at) => [
    [`from${at}`, { type: "A" }],
    [`to${at}`, { type: "B", inputs: { in: { node: `from${at}`, output: "out" } } }],
  ]).flat();
  return { nodegraph: 1, nodes: Object.fromEntries(nodes), layout } as unknown as Workflow;
}

const all = (doc: Workflow) => new Set(Object.keys(nodesOf(doc)));

test("pieces that nothing links are arranged to about the form of a screen", () => {
  const doc = pairs(60);
  const rects = [...rectsOf(arranged(doc, all(doc), size), size).values()];
  const { width = 0, height = 1 } = boundsOf(rects) ?? {};
  expect(width / height).toBeGreaterThan(1);
  expect(width / height).toBeLessThan(2.5);
  expect(anyOverlap(rects)).toBe(false);
});

test("a note on no frame goes beside the nodes that come to lie on it", () => {
  const doc = pairs(4, {
    $notes: [{ id: "n", text: "read me", x: 50, y: 50, width: 200, height: 90 }],
  });
  const made = arranged(doc, all(doc), size);
  expect(notesOf(made).get("n")).toMatchObject({ text: "read me", width: 200 });
  expect(anyOverlap([...rectsOf(made, size).values()])).toBe(false);
});
