import { expect, it } from "vitest";
import type { Workflow } from "../../src/graph/workflow";
import type { KeptTab } from "../../src/keeping/local";
import { changesOf, inherited, leftOver, recordsOf, tabOf } from "../../src/keeping/records";
import { isUnsaved, type Tab } from "../../src/store/documents";

const DOC: Workflow = { nodegraph: 1, nodes: { a: { type: "T" } } };
const EMPTY: Workflow = { nodegraph: 1, nodes: {} };
const kept = (id: string, window: string, more: Partial<KeptTab> = {}): KeptTab => ({
  ...{ id, window, place: 0, active: false, doc: DOC, name: null, version: null },
  ...{ unsaved: true, draft: null, ...more },
});
const ids = (records: readonly KeptTab[]) => records.map(({ id }) => id);
const windows = (own: string, again: boolean, others?: readonly string[]) => ({
  ...{ own, again, others: others && new Set(others) },
});
const tab = (id: string, doc: Workflow, more: Partial<Tab> = {}): Tab => ({
  ...{ id, doc, name: null, version: null, saved: null, opened: EMPTY },
  ...{ past: [], future: [], merge: null, path: [], ...more },
});

it("a page that is loaded anew has its tabs in their order", () => {
  const records = [kept("b", "w", { place: 1 }), kept("a", "w"), kept("x", "other")];
  expect(ids(inherited(records, windows("w", true, ["other"])))).toEqual(["a", "b"]);
});

it("a duplicated window begins anew, and leaves the other one its tabs", () => {
  expect(inherited([kept("a", "w")], windows("new", false, ["w"]))).toEqual([]);
});

it("what a window that is gone left goes to the next one", () => {
  const records = [kept("a", "gone"), kept("b", "gone", { unsaved: false })];
  expect(ids(inherited(records, windows("new", false, [])))).toEqual(["a", "b"]);
});

it("where somebody works already, only unsaved tabs of windows that are gone come along", () => {
  const records = [kept("a", "gone"), kept("b", "gone", { unsaved: false }), kept("c", "w")];
  expect(ids(inherited(records, windows("w", true, [])))).toEqual(["c", "a"]);
  expect(ids(inherited(records, windows("new", false, ["w"])))).toEqual(["a"]);
});

it("where the browser does not tell of windows, each keeps to its own tabs", () => {
  const records = [kept("a", "w"), kept("b", "other")];
  expect(ids(inherited(records, windows("w", true)))).toEqual(["a"]);
  expect(inherited(records, windows("new", false))).toEqual([]);
});

it("an emptied tab is kept if that is its edit, and not if nothing is in it", () => {
  const records = [kept("a", "w", { doc: EMPTY }), kept("b", "w", { doc: EMPTY, unsaved: false })];
  expect(ids(inherited(records, windows("w", true, [])))).toEqual(["a"]);
});

it("only what changed is written, and what was closed is taken away", () => {
  const now = (tabs: readonly Tab[], active: string) =>
    recordsOf({ window: "w", tabs, active, drafts: {}, owed: ["b"] });
  const before = now([tab("a", DOC), tab("b", DOC), tab("blank", EMPTY)], "a");
  expect(ids(before)).toEqual(["a", "b"]);
  expect(before.map(({ owed }) => owed)).toEqual([false, true]);
  const edited = { ...DOC };
  const { put, drop } = changesOf(before, now([tab("b", edited)], "b"));
  expect(put.map(({ id, doc, active }) => [id, doc === edited, active])).toEqual([
    ["b", true, true],
  ]);
  expect(drop).toEqual(["a"]);
  expect(changesOf(before, before)).toEqual({ put: [], drop: [] });
});

it("a tab comes back saved or unsaved as it was", () => {
  const back = (record: KeptTab) => isUnsaved(tab("a", DOC, tabOf(record)));
  expect(back(kept("a", "w"))).toBe(true);
  expect(back(kept("a", "w", { unsaved: false }))).toBe(false);
  expect(back(kept("a", "w", { unsaved: false, name: "n", version: 2 }))).toBe(false);
  expect(back(kept("a", "w", { name: "n", version: 2 }))).toBe(true);
});

it("an edit is left over unless a tab has it under that very key", () => {
  const draft = (name: string) => ({ name, base_version: 0, saved_at: "", size: 1 });
  const ref = (name: string) => ({ name, revision: "r" });
  const records = [
    kept("open", "other", { draft: ref("~open.abc/n") }),
    kept("waiting", "other", { name: "w" }),
    kept("closed", "gone", { draft: ref("~closed") }),
  ];
  const keys = ["~mine", "~mine.fork", "~open.abc/n", "~open", "~waiting/w", "~closed"];
  const found = (others?: readonly string[]) =>
    leftOver(keys.map(draft), ["~mine"], records, windows("own", true, others)).map(
      ({ name }) => name,
    );
  expect(found(["other"])).toEqual(["~mine.fork", "~open", "~closed"]);
  expect(found(undefined)).toEqual(keys.slice(1));
});
