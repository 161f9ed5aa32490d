import { expect, it } from "vitest";
import type { Workflow } from "../../src/graph/workflow";
import { differences, fieldChanges, isSame, same } from "../../src/keeping/compare";
import { byFolder, found } from "../../src/keeping/folders";
import { since } from "../../src/keeping/When";

const BEFORE: Workflow = {
  nodegraph: 1,
  name: "w",
  nodes: {
    a: { type: "A", inputs: { x: 1, seed: 18446744073709551615n } },
    b: { type: "B", inputs: { in: { node: "a", output: "o" } } },
    c: { type: "C" },
  },
  layout: { a: { x: 0, y: 0 } },
};

it("tells nodes that came, went and changed, and where only the layout did", () => {
  const { c: _, ...nodes } = BEFORE.nodes ?? {};
  const after: Workflow = {
    ...BEFORE,
    nodes: { ...nodes, b: { type: "B", inputs: { in: 2 } }, d: { type: "D" } },
  };
  expect(differences(BEFORE, after)).toEqual({
    ...{ added: ["d"], removed: ["c"], changed: ["b"], layout: false, rest: false },
  });
  const moved = differences(BEFORE, { ...BEFORE, layout: { a: { x: 5, y: 0 } } });
  expect([moved.layout, isSame(moved)]).toEqual([true, false]);
  expect(differences(BEFORE, { ...BEFORE, name: "other" }).rest).toBe(true);
});

it("the order of keys and left-out empty fields are no difference", () => {
  const { name, layout, ...rest } = structuredClone(BEFORE);
  expect(isSame(differences(BEFORE, { layout, ...rest, inputs: {}, name }))).toBe(true);
});

it("compares values as JSON does", () => {
  expect(same([1, { a: null }], [1, { a: null }])).toBe(true);
  expect(same([1], { 0: 1 })).toBe(false);
  expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(false);
  expect(same(2n ** 64n, 2n ** 64n)).toBe(true);
  expect(same(null, {})).toBe(false);
});

it("lists workflows by folder and finds them by any words", () => {
  const names = ["b/y z", "a", "b/x", "c"];
  const all = names.map((name) => ({ name, version: 1, saved_at: "", size: 0 }));
  const folders = byFolder(all).map(({ folder, workflows }) => [folder, workflows.length]);
  expect(folders).toEqual([
    ["", 2],
    ["b", 2],
  ]);
  expect(found(all, "Z b").map(({ name }) => name)).toEqual(["b/y z"]);
  expect(found(all, " ")).toHaveLength(4);
});

it("says how long ago something was", () => {
  const now = new Date("2030-01-02T00:00:00Z");
  expect(since(new Date("2030-01-01T23:55:00Z"), "en", now)).toBe("5 minutes ago");
  expect(since(new Date("2030-01-01T00:00:00Z"), "de", now)).toBe("gestern");
  expect(since(now, "en", now)).toBe("now");
});

it("says which fields of a node differ, from what to what", () => {
  const { a: _, ...nodes } = BEFORE.nodes ?? {};
  const a = {
    type: "A",
    mode: "muted" as const,
    inputs: { x: 2, y: "new", seed: 18446744073709551615n },
  };
  expect(fieldChanges(BEFORE, { ...BEFORE, nodes: { a, ...nodes } })).toEqual([
    { node: "a", field: "x", from: 1, to: 2 },
    { node: "a", field: "mode", from: undefined, to: "muted" },
    { node: "a", field: "y", from: undefined, to: "new" },
  ]);
});
