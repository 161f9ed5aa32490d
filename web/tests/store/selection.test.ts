import { beforeEach, expect, it } from "vitest";
import { EMPTY } from "../../src/graph/workflow";
import { activeTab, openPath, openTab, showTab } from "../../src/store/documents";
import { select, selectedNodes } from "../../src/store/selection";

const doc = { ...EMPTY, nodes: { a: { type: "T" }, g: { type: "T" } } };

beforeEach(() => {
  openTab(doc as never);
  select([]);
});

it("is that of one tab: ids of another are not its own", () => {
  const first = activeTab().id;
  openTab(doc as never);
  select(["a"]);
  showTab(first);
  expect([...selectedNodes()]).toEqual([]);
});

it("is that of one subgraph", () => {
  select(["a"]);
  openPath(["g"]);
  expect([...selectedNodes()]).toEqual([]);
  select(["a"]);
  openPath([]);
  expect([...selectedNodes()]).toEqual([]);
});
