import { describe, expect, it } from "vitest";
import { intoSubgraph } from "../../src/graph/subgraph";
import { ungrouped } from "../../src/graph/ungroup";
import type { Workflow } from "../../src/graph/workflow";
import { SUBGRAPH } from "../../src/graph/workflow";
import { CATALOGUE } from "./shared";

const DOC: Workflow = {
  nodegraph: 1,
  inputs: { strength: { node: "b", input: "amount" } },
  outputs: { picture: { node: "b", output: "image" } },
  nodes: {
    a: { type: "Load", inputs: { name: "x.png" } },
    b: { type: "Blur", inputs: { image: { node: "a" }, amount: 2 } },
    c: { type: "Blur", inputs: { image: { node: "b", output: "image" }, amount: 3 } },
    d: { type: "Save", inputs: { images: { node: "c" } } },
  },
  layout: { a: { x: 0, y: 0 }, b: { x: 100, y: 0 }, c: { x: 200, y: 40 }, d: { x: 300, y: 0 } },
};

const names = { output: (_node: string, output: string | undefined) => output ?? "image" };

describe("into a subgraph", () => {
  const made = intoSubgraph(DOC, new Set(["b", "c"]), "blurs", names);
  const group = made.nodes?.blurs;
  const body = group?.inputs?.body as unknown as Workflow;

  it("keeps what is inside linked, and drops links to outside", () => {
    expect(body.nodes?.c?.inputs).toEqual({ image: { node: "b", output: "image" }, amount: 3 });
    expect(body.nodes?.b?.inputs).toEqual({ amount: 2 });
  });

  it("makes ports of the links that cross, named after their fields", () => {
    expect(group?.type).toBe(SUBGRAPH);
    expect(body.inputs?.image).toEqual({ node: "b", input: "image" });
    expect(group?.inputs?.image).toEqual({ node: "a" });
    expect(Object.values(body.outputs ?? {})).toContainEqual({ node: "c", output: "image" });
  });

  it("leads what was outside to the ports", () => {
    const port = Object.entries(body.outputs ?? {}).find(([, ref]) => ref.node === "c")?.[0];
    expect(made.nodes?.d?.inputs).toEqual({ images: { node: "blurs", output: port } });
  });

  it("carries declared inputs and outputs along", () => {
    expect(made.inputs?.strength).toEqual({ node: "blurs", input: "amount" });
    expect(group?.inputs?.amount).toBe(2);
    const port = Object.entries(body.outputs ?? {}).find(([, ref]) => ref.node === "b")?.[0];
    expect(made.outputs?.picture).toEqual({ node: "blurs", output: port });
  });

  it("is undone by taking the subgraph apart", () => {
    const back = ungrouped(made, "blurs", CATALOGUE);
    expect(back?.ids.toSorted()).toEqual(["b", "c"]);
    expect(back?.doc.nodes?.b?.inputs).toEqual({ amount: 2, image: { node: "a" } });
    expect(back?.doc.nodes?.c?.inputs).toEqual({
      amount: 3,
      image: { node: "b", output: "image" },
    });
    expect(back?.doc.nodes?.d?.inputs).toEqual({ images: { node: "c", output: "image" } });
    expect(back?.doc.inputs).toEqual(DOC.inputs);
    expect(back?.doc.outputs).toEqual(DOC.outputs);
  });
});

describe("taken apart", () => {
  it("gives nodes fresh ids where theirs are taken", () => {
    const made = intoSubgraph(DOC, new Set(["b"]), "blurs", names);
    const nodes = { ...made.nodes, b: { type: "Other", inputs: {} } };
    const back = ungrouped({ ...made, nodes }, "blurs", CATALOGUE);
    expect(back?.ids).toEqual(["b-2"]);
    expect(back?.doc.nodes?.c?.inputs?.image).toEqual({ node: "b-2", output: "image" });
  });

  it("is nothing for a node without a body", () => {
    expect(ungrouped(DOC, "a", CATALOGUE)).toBeUndefined();
  });
});
