import { beforeEach, describe, expect, it } from "vitest";
import { type Field, holderOf, valueAt } from "../../src/graph/outside";
import type { Catalogue } from "../../src/graph/schema";
import { intoSubgraph } from "../../src/graph/subgraph";
import { ungrouped } from "../../src/graph/ungroup";
import type { Json, Workflow } from "../../src/graph/workflow";
import { activeTab, openPath, openTab, undo } from "../../src/store/documents";
import { resetValue, setValue } from "../../src/widgets/change";

const catalogue = { find: () => undefined } as unknown as Catalogue;
const names = { output: (_: string, output: string | undefined) => output ?? "out" };
const plain: Workflow = {
  nodegraph: 1,
  inputs: { text: { node: "a", input: "text" } },
  nodes: {
    a: { type: "Words", inputs: { text: "old" } },
    b: { type: "Show", inputs: { what: { node: "a" } } },
  },
};
const one = intoSubgraph(plain, new Set(["a"]), "sub", names);
const two = intoSubgraph(one, new Set(["sub"]), "outer", names);

function text(doc: Workflow, path: readonly string[]): [Field, Json | undefined] {
  const holder = holderOf(doc, { path, node: "a", input: "text" }, catalogue);
  return [holder, valueAt(doc, holder)];
}

describe("where a value is set", () => {
  it("is the field itself where nothing is around it", () => {
    expect(text(plain, [])).toEqual([{ path: [], node: "a", input: "text" }, "old"]);
  });

  it("is the outermost port with a value", () => {
    expect(text(one, ["sub"])).toEqual([{ path: [], node: "sub", input: "text" }, "old"]);
    expect(text(two, ["outer", "sub"])).toEqual([
      { path: [], node: "outer", input: "text" },
      "old",
    ]);
  });

  it("is no input that the node around has for itself", () => {
    const own = { find: () => ({ inputs: [{ name: "text" }] }) } as unknown as Catalogue;
    const here = { path: ["sub"], node: "a", input: "text" };
    expect(holderOf(one, here, own)).toEqual(here);
  });
});

describe("an edit inside of a subgraph", () => {
  beforeEach(() => {
    openTab(one);
    openPath(["sub"]);
  });

  it("is made where the value counts, and stays when it is taken apart", () => {
    setValue("a", "text", "new");
    const { doc } = activeTab();
    expect(doc.nodes?.sub?.inputs?.text).toBe("new");
    expect(text(doc, ["sub"])[1]).toBe("new");
    expect(ungrouped(doc, "sub", catalogue)?.doc.nodes?.a?.inputs?.text).toBe("new");
    undo();
    expect(activeTab().doc).toBe(one);
  });

  it("is made inside once nothing is set outside", () => {
    resetValue("a", "text");
    setValue("a", "text", "inner");
    const { doc } = activeTab();
    expect(doc.nodes?.sub?.inputs?.text).toBeUndefined();
    expect(text(doc, ["sub"])).toEqual([{ path: ["sub"], node: "a", input: "text" }, "inner"]);
  });
});
