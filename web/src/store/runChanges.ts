/** What each message of the server changes in the jobs that the page knows, as functions. */

import type { Job, LogLine, Made, Output, Run, Runs } from "./runs";
import { isDone, useRuns } from "./runs";

/** How many finished jobs are kept beside those that tabs show. */
const KEPT = 60;
const KEPT_LINES = 200;

export type Change = (state: Runs) => Runs;

/** Takes what the server says of a job; the preview it had stays until the job is done. */
export function withRun(state: Runs, told: Job): Runs {
  const before = state.runs[told.id];
  const run = merged(before, told);
  const ended = isDone(run) && (before === undefined || !isDone(before)) ? 1 : 0;
  const runs = pruned({ ...state.runs, [told.id]: run }, state.lastOf);
  return followed({ ...state, runs, ended: state.ended + ended }, run);
}

/** Takes an answer that may be older than what was heard meanwhile. */
export function withFetched(state: Runs, told: Job): Runs {
  const before = state.runs[told.id];
  return before === undefined || rank(told) > rank(before) ? withRun(state, told) : state;
}

/** Takes a whole list in place of all that waited or ran; see `lostIn` for what is not in it. */
export function withSnapshot(state: Runs, told: readonly Job[]): Runs {
  return told.reduce(withRun, state);
}

/** Jobs that the page takes for waiting or running, and the server does not. */
export function lostIn(state: Runs, told: readonly Job[]): string[] {
  const there = new Set(told.map((run) => run.id));
  const active = Object.values(state.runs).filter((run) => !isDone(run));
  return active.map((run) => run.id).filter((id) => !there.has(id));
}

export function withPatch(state: Runs, id: string, change: (run: Run) => Partial<Run>): Runs {
  const run = state.runs[id];
  if (run === undefined) return state;
  return { ...state, runs: { ...state.runs, [id]: { ...run, ...change(run) } } };
}

export function withOutput(state: Runs, id: string, output: Output): Runs {
  const made = withPatch(state, id, (run) =>
    run.outputs.some((one) => one.id === output.id) ? {} : { outputs: [...run.outputs, output] },
  );
  const run = made.runs[id];
  return run ? { ...made, made: remembered(made, run) } : made;
}

export function withLog(state: Runs, id: string, line: LogLine): Runs {
  return withPatch(state, id, (run) => ({ logs: [...(run.logs ?? []), line].slice(-KEPT_LINES) }));
}

export function withoutRun(state: Runs, id: string): Runs {
  if (!(id in state.runs)) return { ...state, ended: state.ended + 1 };
  const { [id]: gone, ...runs } = state.runs;
  const left = { ...state, runs, ended: state.ended + 1 };
  return gone && !hasBegun(gone) ? withEarlier(left, gone) : left;
}

/** A job that was submitted from a tab: shown in it, unless an earlier one still runs. */
export function withSubmitted(state: Runs, tab: string, id: string): Runs {
  const shown = state.runs[state.lastOf[tab] ?? ""];
  const busy = shown !== undefined && shown.id !== id && !isDone(shown);
  const known = state.runs[id];
  const stopped = known !== undefined && isDone(known) && !hasBegun(known);
  const lastOf = busy || stopped ? state.lastOf : { ...state.lastOf, [tab]: id };
  return { ...state, lastOf, problems: { ...state.problems, [tab]: [] } };
}

export function putRun(told: Job): void {
  useRuns.setState((state) => withRun(state, told));
}

export function putFetched(told: Job): void {
  useRuns.setState((state) => withFetched(state, told));
}

/** A tab shows the job of its own that began last, and keeps what each node made last. */
function followed(state: Runs, run: Run): Runs {
  const tab = run.metadata?.tab;
  if (tab === undefined) return state;
  if (isDone(run) && !hasBegun(run)) return withEarlier(state, run);
  const shown = state.runs[state.lastOf[tab] ?? ""];
  const begun = run.status !== "queued";
  const newer = shown === undefined || (begun && run.created_at >= shown.created_at);
  const follows = newer || (begun && !isDone(run) && (isDone(shown) || shown.status === "queued"));
  const lastOf =
    follows && state.lastOf[tab] !== run.id ? { ...state.lastOf, [tab]: run.id } : state.lastOf;
  return { ...state, lastOf, made: remembered(state, run) };
}

/** A tab that showed a job which never began shows again the last one of its own that did. */
function withEarlier(state: Runs, run: Run): Runs {
  const tab = run.metadata?.tab;
  if (tab === undefined || state.lastOf[tab] !== run.id) return state;
  const begun = Object.values(state.runs).filter(
    (one) => one.metadata?.tab === tab && hasBegun(one),
  );
  const { [tab]: _, ...others } = state.lastOf;
  const last = begun.sort((a, b) => b.created_at.localeCompare(a.created_at))[0];
  return { ...state, lastOf: last ? { ...others, [tab]: last.id } : others };
}

function hasBegun({ status, started_at }: Job): boolean {
  return status !== "queued" && (status !== "canceled" || Boolean(started_at));
}

function remembered(state: Runs, run: Run): Runs["made"] {
  const tab = run.metadata?.tab;
  if (tab === undefined || run.outputs.length === 0) return state.made;
  const before = state.made[tab] ?? {};
  const now: Record<string, Made> = { ...before };
  for (const node of new Set(run.outputs.map((output) => output.node_id))) {
    const known = before[node];
    const outputs = run.outputs.filter((output) => output.node_id === node);
    const same = known?.job === run.id && known.outputs.length === outputs.length;
    if (same || (known && known.at > run.created_at)) continue;
    now[node] = { job: run.id, at: run.created_at, outputs };
  }
  const changed = Object.keys(now).some((node) => now[node] !== before[node]);
  return changed ? { ...state.made, [tab]: now } : state.made;
}

function merged(before: Run | undefined, told: Job): Run {
  const preview = isDone(told) ? null : (before?.preview ?? null);
  return { ...told, preview, ...(before?.logs && { logs: before.logs }) };
}

function rank({ status }: Job): number {
  return ["queued", "running", "canceling"].indexOf(status) + 1 || 4;
}

function pruned(runs: Runs["runs"], lastOf: Runs["lastOf"]): Runs["runs"] {
  const done = Object.values(runs).filter(isDone);
  if (done.length <= KEPT * 1.5) return runs;
  const shown = new Set(Object.values(lastOf));
  const old = done
    .sort((a, b) => b.created_at.localeCompare(a.created_at))
    .slice(KEPT)
    .filter((run) => !shown.has(run.id));
  const gone = new Set(old.map((run) => run.id));
  return Object.fromEntries(Object.entries(runs).filter(([id]) => !gone.has(id)));
}
