import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followChanges, switchLive, useLive } from "../../src/running/live";
import { edit, openTab, useDocuments } from "../../src/store/documents";
import { type Run, useRuns } from "../../src/store/runs";

let submitted: number;
let canceled: string[];
let stop: () => void;

const runOf = (id: string, tab: string) =>
  ({ id, status: "running", created_at: id, metadata: { tab } }) as unknown as Run;
const grow = (id: string) =>
  edit("edit", (doc) => ({ ...doc, nodes: { ...doc.nodes, [id]: { type: "T" } } }));

beforeEach(() => {
  vi.useFakeTimers();
  [submitted, canceled] = [0, []];
  useDocuments.setState({ tabs: [] });
  const tab = openTab({ nodegraph: 1, nodes: {} });
  useRuns.setState({ runs: { asked: runOf("asked", tab) }, lastOf: { [tab]: "asked" } });
  vi.stubGlobal("fetch", async (path: string) => {
    if (path.endsWith("/cancel")) {
      canceled.push(path);
      return new Response("null");
    }
    submitted += 1;
    const id = `live${submitted}`;
    useRuns.setState(({ runs }) => ({ runs: { ...runs, [id]: runOf(id, tab) } }));
    return new Response(JSON.stringify({ id }));
  });
  stop = followChanges();
});

afterEach(() => {
  stop();
  useLive.setState({ tabs: new Set() });
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("live mode stops what it has begun itself, and nothing that was asked for", async () => {
  switchLive();
  await vi.advanceTimersByTimeAsync(10);
  expect([submitted, canceled]).toEqual([1, []]);
  grow("a");
  await vi.advanceTimersByTimeAsync(2000);
  expect(submitted).toBe(2);
  expect(canceled).toHaveLength(1);
  expect(canceled[0]).toContain("live1");
});
