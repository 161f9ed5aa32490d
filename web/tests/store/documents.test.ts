import { beforeEach, expect, it } from "vitest";
import { addNode, setInput } from "../../src/graph/edits";
import {
  activeTab,
  closeTab,
  duplicateTab,
  edit,
  isUnsaved,
  openDoc,
  openPath,
  openTab,
  redo,
  seal,
  undo,
  useDocuments,
} from "../../src/store/documents";

const blank = { nodegraph: 1, nodes: {}, layout: {} };
const add = (id: string) =>
  edit("add", (doc) => addNode(doc, id, { type: "T", inputs: {} }, { x: 0, y: 0 }));

beforeEach(() => {
  for (const tab of useDocuments.getState().tabs) closeTab(tab.id);
  openTab(blank);
});

it("undoes and redoes step by step", () => {
  add("a");
  add("b");
  undo();
  expect(Object.keys(openDoc().nodes ?? {})).toEqual(["a"]);
  undo();
  expect(openDoc()).toBe(blank);
  redo();
  redo();
  expect(Object.keys(openDoc().nodes ?? {})).toEqual(["a", "b"]);
});

it("a new step forgets what could be redone", () => {
  add("a");
  undo();
  add("b");
  redo();
  expect(Object.keys(openDoc().nodes ?? {})).toEqual(["b"]);
});

it("merges edits of one field into one step, until it is sealed", () => {
  add("a");
  const type = (text: string) =>
    edit("type", (doc) => setInput(doc, "a", "text", text), { merge: "input a.text" });
  type("r");
  type("re");
  type("red");
  undo();
  expect(openDoc().nodes?.a?.inputs).toEqual({});
  redo();
  expect(openDoc().nodes?.a?.inputs).toEqual({ text: "red" });
  seal();
  type("red c");
  undo();
  expect(openDoc().nodes?.a?.inputs).toEqual({ text: "red" });
});

it("an edit that changes nothing is no step", () => {
  edit("nothing", (doc) => doc);
  expect(activeTab().past).toEqual([]);
  expect(isUnsaved(activeTab())).toBe(false);
});

it("edits go to the subgraph that is open, and undo leaves a subgraph that is gone", () => {
  const body = { nodegraph: 1, nodes: {}, layout: {} };
  edit("add", (doc) => addNode(doc, "g", { type: "Subgraph", inputs: { body } }, { x: 0, y: 0 }));
  openPath(["g"]);
  add("inner");
  expect(Object.keys(openDoc().nodes ?? {})).toEqual(["inner"]);
  undo();
  undo();
  expect(activeTab().path).toEqual([]);
  expect(openDoc()).toBe(blank);
});

it("a copy of a saved tab is unsaved, as nothing else holds it", () => {
  const doc = { ...blank, nodes: { a: { type: "T", inputs: {} } } };
  const id = openTab(doc, { name: "n", version: 1, saved: doc });
  duplicateTab(id);
  const copy = activeTab();
  expect(copy.id).not.toBe(id);
  expect([copy.name, copy.doc.nodes, isUnsaved(copy)]).toEqual([null, doc.nodes, true]);
});
