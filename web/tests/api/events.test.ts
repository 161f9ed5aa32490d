import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listen } from "../../src/api/events";
import { type Run, useRuns } from "../../src/store/runs";

class Source extends EventTarget {
  static all: Source[] = [];
  open = true;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Source.all.push(this);
  }
  close(): void {
    this.open = false;
  }
  tell(event: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
}

const SNAPSHOT = { jobs: [], previews: [], queue: null, worker: null };
const opened = () => Source.all.filter(({ open }) => open).length;
let asked: string[];
let stop: () => void;

function see(visible: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(!visible);
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  [Source.all, asked] = [[], []];
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return new Response(JSON.stringify({ id: "j", status: "succeeded", metadata: {} }));
  });
  useRuns.setState(useRuns.getInitialState());
  stop = listen();
  Source.all[0]?.tell("snapshot", SNAPSHOT);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("a window that nobody sees holds no connection, and has it again when it is seen", async () => {
  see(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([opened(), useRuns.getState().connected]).toEqual([0, true]);
  see(true);
  expect(opened()).toBe(1);
});

it("to pass by another window breaks nothing", async () => {
  see(false);
  await vi.advanceTimersByTimeAsync(1000);
  see(true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([opened(), Source.all.length]).toEqual([1, 1]);
});

it("unseen, it asks what became of its jobs until they are done", async () => {
  const run = { id: "j", status: "running", created_at: "", metadata: {} } as unknown as Run;
  useRuns.setState({ runs: { j: run } });
  see(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(["api/editor/jobs/j"]);
  expect(useRuns.getState().runs.j?.status).toBe("succeeded");
});

it("a connection on which nothing is heard is made anew", async () => {
  for (let told = 0; told < 10; told += 1) {
    await vi.advanceTimersByTimeAsync(15_000);
    Source.all[0]?.tell("alive", {});
  }
  expect(Source.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(useRuns.getState().connected).toBe(false);
  expect([opened(), Source.all.length]).toEqual([1, 2]);
});
