/** Jobs as the server tells of them, and what became of each node of the open workflows. */

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
  /** The type of that node. */
  readonly current_node_class?: string | null;
  readonly step: number | null;
  readonly steps: number | null;
  readonly message?: string | null;
}

export interface Output {
  readonly id: string;
  readonly job_id: string | null;
  readonly node_id: string;
  readonly name: string;
  readonly type: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly hash: string | null;
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

/** A job in a list. */
export interface JobCard {
  readonly id: string;
  readonly title: string;
  /** The first words and the first seed of its workflow. */
  readonly text?: string | null;
  readonly seed?: string | null;
  readonly status: JobStatus;
  readonly client_id: string;
  /** Labels; `tab` is the tab of an editor that it was submitted from. */
  readonly metadata?: { readonly [label: string]: string };
  readonly created_at: string;
  readonly started_at?: string | null;
  readonly completed_at?: string | null;
  readonly priority?: number;
  readonly position: number | null;
  readonly progress: JobProgress | null;
  readonly pinned: boolean;
  readonly targets: readonly string[] | null;
  readonly outputs: readonly Output[];
  readonly error: JobError | null;
}

export interface Job extends JobCard {
  readonly nodes: { readonly [id: string]: NodeReport };
}

/** A line that a node printed. */
export interface LogLine {
  readonly node_id: string | null;
  readonly level: string;
  readonly message: string;
}

export interface Run extends Job {
  /** The last picture of what a node has so far, as a URL of this page. */
  readonly preview: { readonly node: string; readonly url: string } | null;
  /** What its nodes printed while this page listened, the last lines. */
  readonly logs?: readonly LogLine[];
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

/** What a node made last: it stays until a later job makes something else. */
export interface Made {
  readonly job: string;
  readonly at: string;
  readonly outputs: readonly Output[];
}

export interface Runs {
  /** Whether the server is heard. */
  readonly connected: boolean;
  readonly runs: { readonly [id: string]: Run };
  readonly queue: QueueState | null;
  readonly worker: WorkerState | null;
  /** Tab id -> the job that is shown in it: its reports are drawn on the nodes. */
  readonly lastOf: { readonly [tab: string]: string };
  /** Tab id -> node -> what it made last. */
  readonly made: { readonly [tab: string]: { readonly [node: string]: Made } };
  /** Tab id -> what the server found wrong when it was last submitted. */
  readonly problems: { readonly [tab: string]: readonly Problem[] };
  /** Grows when a job has ended or is forgotten: lists of finished jobs are out of date. */
  readonly ended: number;
}

export const useRuns = create<Runs>(() => ({
  connected: false,
  runs: {},
  queue: null,
  worker: null,
  lastOf: {},
  made: {},
  problems: {},
  ended: 0,
}));

export function isDone(run: { readonly status: JobStatus }): boolean {
  return run.status === "succeeded" || run.status === "failed" || run.status === "canceled";
}

/** The job that a tab shows. */
export function runOf(state: Runs, tab: string): Run | undefined {
  return state.runs[state.lastOf[tab] ?? ""];
}

/** Jobs of a tab that wait or run, oldest first. */
export function activeRuns(state: Runs, tab?: string): Run[] {
  return Object.values(state.runs)
    .filter((run) => !isDone(run) && (tab === undefined || run.metadata?.tab === tab))
    .sort((a, b) => a.created_at.localeCompare(b.created_at));
}
