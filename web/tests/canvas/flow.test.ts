import { describe, expect, it } from "vitest";
import { type AnyNode, FlowMaker, type FlowNode } from "../../src/canvas/flow";
import { framesOf, notesOf } from "../../src/graph/boxes";
import { clipIn, copied } from "../../src/graph/clipboard";
import { setInput, setPlace } from "../../src/graph/edits";
import type { Workflow } from "../../src/graph/workflow";
import { CATALOGUE, DOC } from "./shared";

const NONE: ReadonlySet<string> = new Set();

function made(doc: Workflow, maker = new FlowMaker()) {
  const nodes = maker.nodesOf(doc, CATALOGUE, NONE);
  return { maker, nodes, edges: maker.edgesOf(doc, nodes), by: byId(nodes) };
}

function byId(nodes: readonly AnyNode[]): { [id: string]: FlowNode } {
  return Object.fromEntries(nodes.map((node) => [node.id, node as FlowNode]));
}

describe("nodes for React Flow", () => {
  it("have their sizes and sockets without being drawn", () => {
    const { b } = made(DOC).by;
    expect(b?.measured).toEqual({ width: b?.data.rows.width, height: b?.data.rows.height });
    const names = b?.handles?.map((handle) => handle.id);
    expect(names).toEqual(["in:image", "out:image", "in:amount"]);
    expect(b?.handles?.[1]?.x).toBe((b?.width ?? 0) - 6);
  });

  it("are called by their title, their type's name, or their type", () => {
    const doc = setInput({ ...DOC, nodes: { ...DOC.nodes, d: { type: "Gone" } } }, "d", "x", 1);
    const { by } = made(doc);
    expect([by.b, by.a, by.d].map((node) => node?.ariaLabel)).toEqual(["Soft", "The Load", "Gone"]);
  });

  it("stay the same objects where nothing of theirs changed", () => {
    const first = made(DOC);
    const again = made(setInput(DOC, "b", "amount", 3), first.maker);
    expect(again.by.a).toBe(first.by.a);
    expect(again.by.c).toBe(first.by.c);
    expect(again.by.b).not.toBe(first.by.b);
    expect(again.by.f).toBe(first.by.f);
    expect(again.edges).toEqual(first.edges);
    again.edges.forEach((edge, place) => {
      expect(edge).toBe(first.edges[place]);
    });
  });

  it("are other objects once they are moved", () => {
    const first = made(DOC);
    const again = made(setPlace(DOC, "a", { x: 5 }), first.maker);
    expect(again.by.a?.position).toEqual({ x: 5, y: 0 });
    expect(again.by.b).toBe(first.by.b);
  });

  it.each([{}, [null], [{ x: 1 }], 3, "text"])("are there where the layout holds %j", (odd) => {
    const layout = { ...DOC.layout, $groups: odd, $notes: odd, $reroutes: { "b/image": odd } };
    const doc = { ...DOC, layout } as unknown as Workflow;
    const { nodes, edges } = made(doc);
    expect(nodes.map(({ id }) => id).sort()).toEqual(Object.keys(DOC.nodes ?? {}).sort());
    expect(edges.length).toBe(made(DOC).edges.length);
    expect(framesOf(doc).size + notesOf(doc).size).toBe(0);
    expect(clipIn(copied(doc, new Set(["a"])))?.nodes).toHaveProperty("a");
  });

  it("put frames and notes behind, and never under the id of a node", () => {
    const frames = [{ ...DOC.layout?.$groups?.[0], id: "a" }] as NonNullable<
      Workflow["layout"]
    >["$groups"];
    const { nodes } = made({ ...DOC, layout: { ...DOC.layout, $groups: frames } });
    const frame = nodes.find((node) => node.type === "frame");
    expect(frame?.id).toBe("$frame-0");
    expect(frame?.zIndex).toBeLessThan(nodes.find((node) => node.type === "note")?.zIndex ?? 0);
    expect(new Set(nodes.map((node) => node.id)).size).toBe(nodes.length);
  });
});

describe("a type that is not installed", () => {
  const doc: Workflow = {
    nodegraph: 1,
    nodes: {
      x: { type: "Gone", inputs: { strength: 2, image: { node: "y" } } },
      y: { type: "Load", inputs: { file: "x" } },
      z: { type: "Save", inputs: { images: { node: "x", output: "0" } } },
    },
  };

  it("has what it holds and what is asked of it", () => {
    const { by, edges } = made(doc);
    expect(by.x?.data.ports.schema).toBeUndefined();
    expect(by.x?.handles?.map((handle) => handle.id).sort()).toEqual([
      "in:image",
      "in:strength",
      "out:0",
    ]);
    expect(edges.map((edge) => edge.id).sort()).toEqual(["x/image", "z/images"]);
  });

  it("gets an output when a link asks for one", () => {
    const first = made(doc);
    const asked = setInput(doc, "z", "images", { node: "x", output: "1" });
    const again = made(asked, first.maker);
    expect(again.by.x?.handles?.some((handle) => handle.id === "out:1")).toBe(true);
    expect(again.by.y).toBe(first.by.y);
  });
});

describe("links", () => {
  it("whose source is gone are told of where they end", () => {
    const { edges, by } = made(setInput(DOC, "b", "image", { node: "nobody", output: "image" }));
    expect(edges.map((edge) => edge.id)).toEqual(["c/images"]);
    expect(by.b?.data.broken).toEqual(new Map([["image", "nobody.image"]]));
    expect(by.c?.data.broken.size).toBe(0);
  });

  it("whose output is gone too, and heal when it is back", () => {
    const first = made(setInput(DOC, "c", "images", { node: "b", output: "mask" }));
    expect(first.by.c?.data.broken).toEqual(new Map([["images", "b.mask"]]));
    const healed = made(DOC, first.maker);
    expect(healed.by.c?.data.broken.size).toBe(0);
    expect(healed.edges).toHaveLength(2);
  });

  it("from a list into one value say so", () => {
    const nodes = { ...DOC.nodes, a: { type: "Frames" } };
    const { edges } = made({ ...DOC, nodes });
    expect(edges.map((edge) => edge.data?.mapped)).toEqual([true, false]);
  });

  it("change with their reroutes only", () => {
    const first = made(DOC);
    const layout = { ...DOC.layout, $reroutes: { "b/image": [{ x: 1, y: 2 }] } };
    const again = made({ ...DOC, layout }, first.maker);
    expect(again.edges[0]?.data?.points).toEqual([{ x: 1, y: 2 }]);
    expect(again.edges[1]).toBe(first.edges[1]);
  });
});
