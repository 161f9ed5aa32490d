import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { finishRemovals, remove } from "../../src/keeping/removal";
import {
  close,
  keepMine,
  refresh,
  save,
  saveAs,
  saveOwed,
  takeTheirs,
} from "../../src/keeping/saving";
import { ask, useKeeping } from "../../src/keeping/store";
import {
  activeTab,
  edit,
  findTab,
  isUnsaved,
  openTab,
  restoreTabs,
  undo,
  useDocuments,
} from "../../src/store/documents";

type Body = { document: { name: string }; base_version: number | null };

/** The server's rule: who has not seen the newest version does not save. */
let newest: { version: number; document: { name: string } } | null;
let away: boolean;
let loses: boolean;
let sent: Body[];
let deleted: number;

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

async function server(_path: string, init: RequestInit): Promise<Response> {
  if (away) throw new TypeError("Failed to fetch");
  if (init.method === "GET") {
    const workflows = newest ? [{ name: "w", version: newest.version, saved_at: "", size: 1 }] : [];
    return answer(200, { workflows, next: null });
  }
  if (init.method === "DELETE") {
    deleted += 1;
    newest = null;
    return new Response(null, { status: 204 });
  }
  const body = JSON.parse(`${init.body}`) as Body;
  sent.push(body);
  await new Promise((wake) => setTimeout(wake, 20));
  if ((newest?.version ?? null) !== body.base_version) {
    const details = { version: newest?.version ?? 0, saved_at: null, document: null, ...newest };
    return answer(409, { error: { code: "conflict", message: "another version", details } });
  }
  newest = { version: (newest?.version ?? 0) + 1, document: body.document };
  if (loses) throw new TypeError("Failed to fetch");
  return answer(200, { name: "w", version: newest.version, saved_at: "" });
}

const rename = (name: string) => edit("edit", (doc) => ({ ...doc, name }));
let id: string;

beforeEach(() => {
  [newest, away, loses, sent, deleted] = [null, false, false, [], 0];
  vi.stubGlobal("fetch", vi.fn(server));
  useDocuments.setState({ tabs: [] });
  useKeeping.setState({ owed: [] });
  id = openTab({ nodegraph: 1, name: "doc", nodes: {} });
  ask(null);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks for a name once, and then saves version after version", async () => {
  expect(await save(id)).toBe("asked");
  expect(useKeeping.getState().question).toMatchObject({ kind: "saveAs" });
  await saveAs(id, "w", null);
  rename("two");
  expect(await save(id)).toBe("saved");
  expect(sent.map((body) => body.base_version)).toEqual([null, 1]);
  expect(isUnsaved(activeTab())).toBe(false);
  undo();
  expect(isUnsaved(activeTab())).toBe(true);
});

it("two saves in a row are no conflict with each other", async () => {
  await saveAs(id, "w", null);
  rename("two");
  const first = save(id);
  rename("three");
  expect(await Promise.all([first, save(id)])).toEqual(["saved", "saved"]);
  expect(newest).toMatchObject({ version: 3, document: { name: "three" } });
});

it("what is edited while it is saved stays unsaved", async () => {
  const saving = saveAs(id, "w", null);
  await vi.waitFor(() => expect(sent).toHaveLength(1), { interval: 1 });
  rename("meanwhile");
  await saving;
  expect(newest?.document.name).not.toBe("meanwhile");
  expect(isUnsaved(activeTab())).toBe(true);
});

it("a conflict is a question, and nothing is written before the answer", async () => {
  await saveAs(id, "w", null);
  newest = { version: 2, document: { name: "theirs" } };
  rename("mine");
  await save(id);
  const { question } = useKeeping.getState();
  if (question?.kind !== "conflict") throw new Error("no question");
  expect(question.theirs).toMatchObject({ version: 2, document: { name: "theirs" } });
  expect(newest.document.name).toBe("theirs");

  expect(await keepMine(id, question.theirs)).toBe("saved");
  expect(newest).toMatchObject({ version: 3, document: { name: "mine" } });
});

it("theirs is taken as an edit that can be undone", () => {
  rename("mine");
  const document = { nodegraph: 1, name: "theirs", nodes: {} };
  takeTheirs(id, { version: 2, saved_at: null, document });
  expect([findTab(id)?.doc.name, findTab(id)?.version]).toEqual(["theirs", 2]);
  expect(isUnsaved(activeTab())).toBe(false);
  undo();
  expect(findTab(id)?.doc.name).toBe("mine");
  expect(isUnsaved(activeTab())).toBe(true);
});

it("a workflow that was deleted elsewhere is saved anew", async () => {
  await saveAs(id, "w", null);
  newest = null;
  rename("mine");
  await save(id);
  await keepMine(id, { version: 1, saved_at: null, document: null });
  expect(sent.at(-1)?.base_version).toBeNull();
  expect(isUnsaved(activeTab())).toBe(false);
});

it("a taken name is not saved over unasked", async () => {
  newest = { version: 4, document: { name: "another" } };
  expect(await saveAs(id, "w", null)).toMatchObject({ taken: { version: 4 } });
  expect(newest.document.name).toBe("another");
  expect(findTab(id)?.name).toBeNull();
});

it("while the server is away, saving waits for it", async () => {
  away = true;
  expect(await saveAs(id, "w", null)).toBe("later");
  expect(isUnsaved(activeTab())).toBe(true);
  expect(sent).toEqual([]);
});

it("what had to wait is saved though nobody says that the server is back", async () => {
  vi.useFakeTimers();
  try {
    away = true;
    expect(await saveAs(id, "w", null)).toBe("later");
    await vi.advanceTimersByTimeAsync(7_000);
    expect(newest).toBeNull();
    away = false;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(newest).toMatchObject({ version: 1, document: { name: "doc" } });
    expect(isUnsaved(activeTab())).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

it("what one is just saving oneself is not taken for somebody else's", async () => {
  await saveAs(id, "w", null);
  rename("mine");
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const made = await server(path, init);
    if (init.method === "PUT") await new Promise((wake) => setTimeout(wake, 20));
    return made;
  });
  const told = vi.fn();
  const forget = useKeeping.subscribe(({ behind }) => Object.keys(behind).length > 0 && told());

  const saving = save(id);
  await vi.waitFor(() => expect(newest?.version).toBe(2), { interval: 1 });
  await Promise.all([saving, refresh()]);

  forget();
  expect(told).not.toHaveBeenCalled();
  expect(isUnsaved(activeTab())).toBe(false);
});

it("closing asks only where something would be lost", () => {
  close(id);
  expect(useKeeping.getState().question).toBeNull();
  expect(findTab(id)).toBeUndefined();
  const other = openTab({ nodegraph: 1, nodes: { a: { type: "T" } } });
  rename("edited");
  close(other);
  expect(useKeeping.getState().question).toEqual({ kind: "close", tab: other });
  expect(findTab(other)).toBeDefined();
});

it("tabs of an earlier page come before those opened meanwhile, in place of a blank one", () => {
  useDocuments.setState({ tabs: [] });
  openTab({ nodegraph: 1, nodes: { a: { type: "T" } } });
  const meanwhile = activeTab().id;
  restoreTabs([{ id: "old", doc: { nodegraph: 1, nodes: {} } }], "old");
  const { tabs, active } = useDocuments.getState();
  expect(tabs.map((tab) => tab.id)).toEqual(["old", meanwhile]);
  expect(active).toBe(meanwhile);
});

it("a version whose answer was lost is one's own, and no conflict", async () => {
  loses = true;
  expect(await saveAs(id, "w", null)).toBe("later");
  loses = false;
  expect(await save(id)).toBe("saved");
  expect(newest?.version).toBe(1);
  expect([findTab(id)?.version, isUnsaved(activeTab())]).toEqual([1, false]);
});

it("a tab whose workflow was deleted elsewhere says that it is unsaved", async () => {
  await saveAs(id, "w", null);
  newest = null;
  await refresh();
  expect([findTab(id)?.name, isUnsaved(activeTab())]).toEqual([null, true]);
});

it("what was never saved was not deleted elsewhere", async () => {
  away = true;
  await saveAs(id, "w", null);
  away = false;
  await refresh();
  expect(findTab(id)?.name).toBe("w");
});

it("saving under a name that is to be deleted keeps it", async () => {
  await saveAs(id, "w", null);
  vi.useFakeTimers();
  remove("w");
  rename("two");
  const saving = save(id);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await saving).toBe("saved");
  expect([deleted, newest?.document.name]).toEqual([0, "two"]);
  expect(useKeeping.getState().removing).toEqual([]);
});

it("a page that goes leaves no tab that says it is saved where it was deleted", async () => {
  await saveAs(id, "w", null);
  remove("w");
  finishRemovals();
  expect(deleted).toBe(1);
  expect([findTab(id)?.name, isUnsaved(activeTab())]).toEqual([null, true]);
});

it("what waits for the server is known until it is saved, and saved once", async () => {
  away = true;
  await saveAs(id, "w", null);
  expect(useKeeping.getState().owed).toEqual([id]);
  await saveOwed();
  expect(useKeeping.getState().owed).toEqual([id]);
  away = false;
  await Promise.all([saveOwed(), saveOwed()]);
  expect([newest?.version, useKeeping.getState().owed]).toEqual([1, []]);
});
