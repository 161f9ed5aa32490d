import { beforeEach, expect, it } from "vitest";
import {
  lostIn,
  withFetched,
  withLog,
  withOutput,
  withoutRun,
  withPatch,
  withRun,
  withSnapshot,
  withSubmitted,
} from "../../src/store/runChanges";
import { activeRuns, type Job, type Output, type Runs, useRuns } from "../../src/store/runs";

let start: Runs;

beforeEach(() => {
  start = useRuns.getInitialState();
});

function job(id: string, more: Partial<Job> = {}): Job {
  return {
    id,
    title: "",
    status: "running",
    client_id: "",
    created_at: `2026-01-01T00:00:0${id}Z`,
    position: null,
    progress: null,
    pinned: false,
    targets: null,
    nodes: {},
    outputs: [],
    error: null,
    metadata: { tab: "t" },
    ...more,
  };
}

function output(id: string, node: string, job_id = "1"): Output {
  const rest = { content_type: "image/png", size_bytes: 1, hash: null, thumbnail_url: null };
  const made = { id, job_id, node_id: node, name: id, type: "image", url: `/${id}` };
  return { ...made, ...rest, temporary: false, text: null };
}

it("keeps the preview until the job is done", () => {
  const preview = { node: "a", url: "data:" };
  let state = withPatch(withRun(start, job("1")), "1", () => ({ preview }));
  state = withRun(state, job("1", { status: "canceling" }));
  expect(state.runs["1"]?.preview).toBe(preview);
  state = withRun(state, job("1", { status: "canceled" }));
  expect(state.runs["1"]?.preview).toBeNull();
});

it("takes no answer that is older than what was heard", () => {
  const heard = withRun(start, job("1", { status: "succeeded" }));
  expect(withFetched(heard, job("1", { status: "running" }))).toBe(heard);
  const waiting = withRun(start, job("1", { status: "queued" }));
  expect(withFetched(waiting, job("1")).runs["1"]?.status).toBe("running");
});

it("says which jobs ended while nobody listened, and keeps them until it is known how", () => {
  let state = withSnapshot(start, [job("1"), job("2", { status: "queued" })]);
  const told = [job("2")];
  expect(lostIn(state, told)).toEqual(["1"]);
  state = withSnapshot(state, told);
  expect(Object.keys(state.runs)).toEqual(["1", "2"]);
  state = withFetched(state, job("1", { status: "succeeded" }));
  expect(activeRuns(state).map((run) => run.id)).toEqual(["2"]);
});

it("shows the job that runs while later ones of the tab wait, then the next", () => {
  let state = withSubmitted(withRun(start, job("1")), "t", "1");
  state = withSubmitted(withRun(state, job("2", { status: "queued" })), "t", "2");
  expect(state.lastOf.t).toBe("1");
  state = withRun(state, job("1", { status: "succeeded" }));
  state = withRun(state, job("2"));
  expect(state.lastOf.t).toBe("2");
});

it.each([
  ["stopped", (state: Runs) => withRun(state, job("2", { status: "canceled" }))],
  ["forgotten", (state: Runs) => withoutRun(state, "2")],
])("shows the job that ran last again where one that waited is %s", (_, end) => {
  let state = withSubmitted(withRun(start, job("1", { status: "succeeded" })), "t", "2");
  state = withRun(state, job("2", { status: "queued" }));
  expect(state.lastOf.t).toBe("2");
  state = end(state);
  expect(state.lastOf.t).toBe("1");
});

it("shows no job that was stopped before the answer that it was taken is here", () => {
  let state = withRun(start, job("1", { status: "succeeded" }));
  state = withRun(state, job("2", { status: "canceled" }));
  expect(withSubmitted(state, "t", "2").lastOf.t).toBe("1");
});

it("shows a job that was stopped while it ran", () => {
  let state = withRun(withRun(start, job("1", { status: "succeeded" })), job("2"));
  state = withRun(state, job("2", { status: "canceled", started_at: "2026-01-01T00:00:03Z" }));
  expect(state.lastOf.t).toBe("2");
});

it("finds the newest job of a tab by its label, whatever comes first", () => {
  const done = { status: "succeeded" } as const;
  let state = withRun(start, job("2", done));
  state = withRun(state, job("1", done));
  state = withRun(state, job("3", { metadata: { tab: "other" } }));
  expect(state.lastOf).toEqual({ t: "2", other: "3" });
});

it("keeps what a node made until a later job makes something else", () => {
  let state = withOutput(withRun(start, job("1")), "1", output("p", "save"));
  state = withOutput(state, "1", output("q", "other"));
  state = withRun(state, job("2", { outputs: [] }));
  expect(state.made.t?.save?.outputs.map((one) => one.id)).toEqual(["p"]);
  state = withOutput(state, "2", output("r", "save", "2"));
  expect(state.made.t?.save?.outputs.map((one) => one.id)).toEqual(["r"]);
  expect(state.made.t?.other?.outputs.map((one) => one.id)).toEqual(["q"]);
  state = withRun(state, job("1", { status: "succeeded", outputs: [output("p", "save")] }));
  expect(state.made.t?.save?.outputs.map((one) => one.id)).toEqual(["r"]);
});

it("takes an output once, however often it is told", () => {
  let state = withOutput(withRun(start, job("1")), "1", output("p", "save"));
  state = withOutput(state, "1", output("p", "save"));
  expect(state.runs["1"]?.outputs).toHaveLength(1);
});

it("keeps the last lines that were printed, also when the job ends", () => {
  let state = withRun(start, job("1"));
  for (let line = 0; line < 250; line += 1) {
    state = withLog(state, "1", { node_id: "a", level: "info", message: `${line}` });
  }
  state = withRun(state, job("1", { status: "failed" }));
  const logs = state.runs["1"]?.logs ?? [];
  expect([logs.length, logs.at(-1)?.message]).toEqual([200, "249"]);
});

it("counts ends, so that lists of finished jobs are read again", () => {
  let state = withRun(start, job("1"));
  expect(state.ended).toBe(0);
  state = withRun(state, job("1", { status: "failed" }));
  state = withRun(state, job("1", { status: "failed", pinned: true }));
  expect(state.ended).toBe(1);
  expect(withoutRun(state, "1").ended).toBe(2);
});

it("forgets old finished jobs, but none that a tab shows", () => {
  let state = start;
  for (let n = 0; n < 100; n += 1) {
    const created_at = `2026-01-01T00:${String(n).padStart(2, "0")}:00Z`;
    const metadata: Record<string, string> = n === 0 ? { tab: "first" } : {};
    state = withRun(state, job(`j${n}`, { status: "succeeded", created_at, metadata }));
  }
  expect(Object.keys(state.runs).length).toBeLessThan(95);
  expect(state.runs.j0).toBeDefined();
  expect(state.runs.j99).toBeDefined();
});
