import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../../src/api/client";
import { draftKey, type PutDraft, readKey } from "../../src/api/drafts";
import type { Workflow } from "../../src/graph/workflow";
import { Autosave, type DraftState, MOST_MS } from "../../src/keeping/autosave";
import type { Tab } from "../../src/store/documents";

/** As the server's: whoever has not seen what is there does not overwrite it. */
class Journal {
  readonly held = new Map<string, { document: Workflow; revision: string }>();
  readonly puts: { at: number; document: Workflow }[] = [];
  fails: ApiError | null = null;
  /** Whether answers get lost on their way. */
  loses = false;
  private count = 0;

  async put(key: string, body: PutDraft) {
    if (this.fails) throw this.fails;
    const there = this.held.get(key);
    if (there && there.revision !== body.seen)
      throw new ApiError(409, "conflict", "another edit", { ...there });
    this.count += 1;
    const revision = `r${this.count}`;
    this.held.set(key, { document: body.document, revision });
    this.puts.push({ at: Date.now(), document: body.document });
    if (this.loses) throw new ApiError(0, "offline", "the server does not answer");
    return { name: key, base_version: body.base_version, saved_at: "", revision };
  }

  async drop(key: string, revision: string) {
    if (this.fails) throw this.fails;
    if (this.held.get(key)?.revision === revision) this.held.delete(key);
  }
}

const doc = (name: string): Workflow => ({ nodegraph: 1, name, nodes: {} });
const BLANK = doc("blank");
const tabOf = (edited: Workflow, more: Partial<Tab> = {}): Tab => ({
  ...{ id: "t1", doc: edited, name: null, version: null, saved: null, opened: BLANK },
  ...{ past: [], future: [], merge: null, path: [], ...more },
});

let journal: Journal;
let told: DraftState[];
let autosave: Autosave;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  journal = new Journal();
  told = [];
  autosave = new Autosave(journal, (_, state) => void told.push(state));
  autosave.follow([tabOf(BLANK)]);
});

afterEach(() => {
  autosave.stop();
  vi.useRealTimers();
});

it("keeps an edit of a tab without a name within two seconds", async () => {
  autosave.follow([tabOf(doc("edited"))]);
  expect(told.at(-1)).toBe("waiting");
  await vi.advanceTimersByTimeAsync(2000);
  expect([...journal.held.keys()]).toEqual(["~t1"]);
  expect(told.at(-1)).toBe("kept");
});

it("never waits longer than it may while somebody types on", async () => {
  for (let at = 0; at < 10_000; at += 100) {
    autosave.follow([tabOf(doc(`${at}`))]);
    await vi.advanceTimersByTimeAsync(100);
  }
  const gaps = journal.puts.map(({ at }, place) => at - (journal.puts[place - 1]?.at ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(MOST_MS);
  expect(MOST_MS).toBeLessThan(2000);
  expect(journal.puts.length).toBeLessThan(20);
});

it("an untouched tab is not kept, and one that is saved is dropped", async () => {
  await vi.advanceTimersByTimeAsync(5000);
  expect(journal.puts).toEqual([]);
  const edited = doc("edited");
  autosave.follow([tabOf(edited)]);
  await vi.advanceTimersByTimeAsync(2000);
  autosave.follow([tabOf(edited, { name: "cats", version: 1, saved: edited })]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(journal.held.size).toBe(0);
  expect(told.at(-1)).toBe("none");
});

it("a closed tab takes its draft along", async () => {
  autosave.follow([tabOf(doc("edited"))]);
  await vi.advanceTimersByTimeAsync(2000);
  autosave.follow([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(journal.held.size).toBe(0);
});

it("goes on while the server is away, and hands over the last edit when it is back", async () => {
  journal.fails = new ApiError(0, "offline", "the server does not answer");
  autosave.follow([tabOf(doc("one"))]);
  await vi.advanceTimersByTimeAsync(4000);
  autosave.follow([tabOf(doc("two"))]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.at(-1)).toBe("waiting");
  expect(autosave.holds(tabOf(doc("two")))).toBe(false);
  journal.fails = null;
  autosave.flush();
  await vi.advanceTimersByTimeAsync(10);
  expect(journal.puts.map(({ document }) => document.name)).toEqual(["two"]);
});

it("says what the server refuses, and tries again with the next edit or when all is to be kept", async () => {
  journal.fails = new ApiError(413, "payload_too_large", "too large");
  autosave.follow([tabOf(doc("huge"))]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.at(-1)).toEqual({ refused: "too large" });
  journal.fails = null;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(journal.puts).toEqual([]);
  autosave.flush();
  await vi.advanceTimersByTimeAsync(10);
  expect(journal.puts.map(({ document }) => document.name)).toEqual(["huge"]);
  autosave.follow([tabOf(doc("small"))]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.at(-1)).toBe("kept");
});

it("after signing in again, what was refused is kept", async () => {
  journal.fails = new ApiError(401, "unauthorized", "sign in");
  autosave.follow([tabOf(doc("mine"))]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(told.at(-1)).toEqual({ refused: "sign in" });
  journal.fails = null;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told.at(-1)).toBe("kept");
});

it("a draft of elsewhere is there until the tab's own is", async () => {
  journal.held.set("~far", { document: doc("theirs"), revision: "r" });
  const tab = tabOf(doc("theirs"), { id: "t2", opened: null });
  journal.fails = new ApiError(500, "broken", "broken");
  autosave.follow([tabOf(BLANK), tab]);
  autosave.takeOver(tab, { name: "~far", revision: "r" });
  await vi.advanceTimersByTimeAsync(2000);
  journal.fails = null;
  expect([...journal.held.keys()]).toEqual(["~far"]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([...journal.held.keys()]).toEqual(["~t2"]);
});

it("two windows with the same tab keep both edits", async () => {
  const other = new Autosave(journal, () => {});
  other.follow([tabOf(BLANK)]);
  autosave.follow([tabOf(doc("mine"))]);
  await vi.advanceTimersByTimeAsync(2000);
  other.follow([tabOf(doc("yours"))]);
  await vi.advanceTimersByTimeAsync(2000);
  const names = [...journal.held.values()].map(({ document }) => document.name);
  expect(names).toEqual(["mine", "yours"]);
  const [, forked] = [...journal.held.keys()];
  expect(readKey(forked ?? "").tab).toBe("t1");
  other.stop();
});

it("an edit that came through without an answer is one's own", async () => {
  journal.loses = true;
  autosave.follow([tabOf(doc("one"))]);
  await vi.advanceTimersByTimeAsync(1000);
  expect([...journal.held.values()].map(({ document }) => document.name)).toEqual(["one"]);
  journal.loses = false;
  autosave.follow([tabOf(doc("two"))]);
  await vi.advanceTimersByTimeAsync(4000);
  expect([...journal.held.keys()]).toEqual(["~t1"]);
  expect(journal.held.get("~t1")?.document.name).toBe("two");
  expect(told.at(-1)).toBe("kept");
});

it("says under which keys its tabs are", async () => {
  autosave.adopt(tabOf(doc("mine"), { opened: null }), { name: "~t1.fork", revision: "r" });
  expect(autosave.keys()).toContain("~t1.fork");
  expect(autosave.keys()).not.toContain("~t1");
});

it("goes on with the draft of the page before, as if it had written it", async () => {
  const mine = doc("mine");
  journal.held.set("~t1", { document: doc("mine"), revision: "before" });
  autosave.stop();
  autosave = new Autosave(journal, () => {});
  autosave.adopt(tabOf(mine, { opened: null }), null);
  await vi.advanceTimersByTimeAsync(100);
  autosave.follow([tabOf(doc("further"), { opened: null })]);
  await vi.advanceTimersByTimeAsync(2000);
  expect([...journal.held.keys()]).toEqual(["~t1"]);
  expect(journal.held.get("~t1")?.document.name).toBe("further");
});

it("a draft follows the name of its workflow", async () => {
  autosave.follow([tabOf(doc("one"))]);
  await vi.advanceTimersByTimeAsync(2000);
  autosave.follow([tabOf(doc("two"), { name: "cats/big", version: 1 })]);
  await vi.advanceTimersByTimeAsync(2000);
  expect([...journal.held.keys()]).toEqual(["~t1/cats/big"]);
});

it("keys say which tab and which workflow", () => {
  expect(readKey(draftKey("t1", "cats/big"))).toEqual({ tab: "t1", name: "cats/big" });
  expect(readKey(draftKey("t1", null))).toEqual({ tab: "t1", name: null });
  expect(readKey("cats/big")).toEqual({ tab: null, name: "cats/big" });
  expect(draftKey("t1", "x".repeat(199))).toBe("~t1");
});
