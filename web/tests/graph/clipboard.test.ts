import { expect, it } from "vitest";
import { clipIn, copied, pasted } from "../../src/graph/clipboard";
import type { Workflow } from "../../src/graph/workflow";

const DOC: Workflow = {
  nodegraph: 1,
  nodes: {
    a: { type: "Load", inputs: {} },
    b: { type: "Blur", inputs: { image: { node: "a" }, seed: 2n ** 63n } },
    c: { type: "Blur", inputs: { image: { node: "b" } } },
  },
  layout: { a: { x: 0, y: 0 }, b: { x: 10, y: 20 }, c: { x: 110, y: 20, title: "second" } },
};

function again(links: boolean) {
  const clip = clipIn(copied(DOC, new Set(["b", "c"])));
  if (clip === undefined) throw new Error("no clip");
  return pasted(DOC, clip, { x: 500, y: 500 }, links);
}

it("pastes under fresh ids, linked to each other", () => {
  const { doc, ids } = again(false);
  expect(ids).toEqual(["b-2", "c-2"]);
  expect(doc.nodes?.["c-2"]?.inputs).toEqual({ image: { node: "b-2" } });
  expect(doc.nodes?.["b-2"]?.inputs).toEqual({ seed: 2n ** 63n });
});

it("keeps links to what was not copied where it is asked to", () => {
  expect(again(true).doc.nodes?.["b-2"]?.inputs?.image).toEqual({ node: "a" });
});

it("puts the upper left corner where it is told", () => {
  const { doc } = again(false);
  expect(doc.layout?.["b-2"]).toEqual({ x: 500, y: 500 });
  expect(doc.layout?.["c-2"]).toEqual({ x: 600, y: 500, title: "second" });
});

it("changes nothing of what was there", () => {
  const { doc } = again(true);
  for (const id of ["a", "b", "c"]) expect(doc.nodes?.[id]).toBe(DOC.nodes?.[id]);
});

it("does not take other text for nodes", () => {
  expect(clipIn("a red circle")).toBeUndefined();
  expect(clipIn("[1]")).toBeUndefined();
});
