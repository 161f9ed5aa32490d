/** Jobs as the server tells of them, and what became of each node of the open workflow. */

import { create } from "zustand";

export type JobStatus = "queued" | "running" | "canceling" | "succeeded" | "failed" | "canceled";
export type NodeStatus = "running" | "ran" | "reused" | "skipped" | "failed" | "canceled";

export interface NodeReport {
  readonly type?: string | null;
  readonly status: NodeStatus;
  /** Why it ran or did not, in words. */
  readonly reason?: string | null;
  readonly seconds?: number | null;
}

export interface JobProgress {
  readonly value: number;
  readonly nodes_done: number;
  readonly nodes_total: number;
  readonly current_node: string | null;
  readonly step: number | null;
  readonly steps: number | null;
  readonly message?: string | null;
}

export interface Output {
  readonly id: string;
  readonly node_id: string;
  readonly name: string;
  readonly type: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly url: string;
  readonly thumbnail_url: string | null;
  /** A preview, kept apart from results. */
  readonly temporary: boolean;
  readonly text: string | null;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly node_id: string | null;
  readonly traceback?: string | null;
}

export interface Run {
  readonly id: string;
  readonly title: string;
  readonly status: JobStatus;
  readonly client_id: string;
  readonly created_at: string;
  readonly position: number | null;
  readonly progress: JobProgress | null;
  readonly pinned: boolean;
  readonly targets: readonly string[] | null;
  readonly nodes: { readonly [id: string]: NodeReport };
  readonly outputs: readonly Output[];
  readonly error: JobError | null;
  /** The last picture of what a node has so far, as a URL of this page. */
  readonly preview: { readonly node: string; readonly url: string } | null;
}

/** Something wrong with the workflow, on the field it belongs to. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly node: string | null;
  readonly field: string | null;
  readonly expected: string | null;
  readonly got: string | null;
  readonly nearest: string | null;
}

export interface QueueState {
  readonly paused: boolean;
  readonly queued: number;
  readonly running: number;
  /** Job -> how many wait before it. */
  readonly positions: { readonly [job: string]: number };
}

export interface WorkerState {
  readonly state: string;
  readonly pid: number | null;
  readonly restarts: number;
}

interface Runs {
  /** Whether the server is heard. */
  readonly connected: boolean;
  readonly runs: { readonly [id: string]: Run };
  readonly queue: QueueState | null;
  readonly worker: WorkerState | null;
  /** Tab id -> the job that was last submitted from it: its reports are drawn on the nodes. */
  readonly lastOf: { readonly [tab: string]: string };
  /** Tab id -> what the server found wrong when it was last submitted. */
  readonly problems: { readonly [tab: string]: readonly Problem[] };
}

export const useRuns = create<Runs>(() => ({
  connected: false,
  runs: {},
  queue: null,
  worker: null,
  lastOf: {},
  problems: {},
}));

export function isDone(run: Run): boolean {
  return run.status === "succeeded" || run.status === "failed" || run.status === "canceled";
}

/** Takes what the server says of a job; the preview it had stays until the job is done. */
export function putRun(told: Omit<Run, "preview">): void {
  useRuns.setState(({ runs }) => ({ runs: { ...runs, [told.id]: merged(runs[told.id], told) } }));
}

/** Takes a whole list in place of all that waited or ran; what had finished stays. */
export function setRuns(told: readonly Omit<Run, "preview">[]): void {
  useRuns.setState(({ runs }) => {
    const kept = Object.entries(runs).filter(([, run]) => isDone(run));
    const fresh = told.map((run) => [run.id, merged(runs[run.id], run)] as const);
    return { runs: Object.fromEntries([...kept, ...fresh]) };
  });
}

export function patchRun(id: string, change: (run: Run) => Partial<Run>): void {
  useRuns.setState((state) => {
    const run = state.runs[id];
    return run ? { runs: { ...state.runs, [id]: { ...run, ...change(run) } } } : state;
  });
}

export function forgetRun(id: string): void {
  useRuns.setState(({ runs }) => {
    const { [id]: _, ...rest } = runs;
    return { runs: rest };
  });
}

function merged(before: Run | undefined, told: Omit<Run, "preview">): Run {
  const made = { ...told, preview: before?.preview ?? null };
  return isDone(made) ? { ...made, preview: null } : made;
}
