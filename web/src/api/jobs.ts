/** Requests about jobs: the queue, the history, what a job ran and made. */

import type { Workflow } from "../graph/workflow";
import { newId } from "../store/ids";
import type { Job, JobCard, JobStatus, Problem, QueueState } from "../store/runs";
import { request } from "./client";

export interface Submission {
  readonly workflow: Workflow;
  readonly targets?: readonly string[] | null;
  readonly priority?: number;
  readonly client_id?: string;
  readonly metadata?: { readonly [label: string]: string };
}

/** Returns the id of the job; an ApiError with `details.problems` where it cannot run. */
export async function submitJob(body: Submission): Promise<string> {
  const headers = { "Idempotency-Key": newId() };
  const made = await request<{ id: string }>("api/v2/jobs", { method: "POST", body, headers });
  return made.id;
}

export function fetchJob(id: string): Promise<Job> {
  return request<Job>(`api/editor/jobs/${id}`);
}

/** The job that was last submitted from a tab; undefined if there is none. */
export async function lastJobOf(tab: string): Promise<string | undefined> {
  const label = encodeURIComponent(tab);
  const found = await request<{ jobs: { id: string }[] }>(
    `api/v2/jobs?limit=1&metadata[tab]=${label}`,
  );
  return found.jobs[0]?.id;
}

export interface RanWorkflow {
  /** What ran, in our format: seeds drawn, assets resolved. */
  readonly workflow: Workflow;
  /** What was submitted. */
  readonly source: Workflow;
  readonly format: "native" | "api";
}

export function ranWorkflow(id: string): Promise<RanWorkflow> {
  return request<RanWorkflow>(`api/editor/jobs/${id}/workflow`);
}

export async function cancelJob(id: string): Promise<void> {
  await request(`api/v2/jobs/${id}/cancel`, { method: "POST", body: {} });
}

export interface HistoryPage {
  readonly jobs: readonly JobCard[];
  readonly total: number;
  /** The offset of what follows; null at the end. */
  readonly next: number | null;
}

export function fetchHistory(
  offset: number,
  limit: number,
  status: JobStatus | null,
): Promise<HistoryPage> {
  const wanted = status === null ? "" : `&status=${status}`;
  return request<HistoryPage>(`api/editor/history?offset=${offset}&limit=${limit}${wanted}`);
}

export async function clearHistory(): Promise<number> {
  let count = 0;
  for (;;) {
    const cleared = await request<{ count: number }>("api/editor/history/clear", post());
    if (cleared.count === 0) return count;
    count += cleared.count;
  }
}

export function pinJob(id: string, pinned: boolean): Promise<JobCard> {
  return request<JobCard>(`api/editor/jobs/${id}/pin`, { method: "PUT", body: { pinned } });
}

export async function deleteJob(id: string): Promise<void> {
  await request(`api/editor/jobs/${id}`, { method: "DELETE" });
}

export function pauseQueue(paused: boolean): Promise<QueueState> {
  return request<QueueState>(`api/editor/queue/${paused ? "pause" : "resume"}`, post());
}

export async function clearQueue(): Promise<number> {
  return (await request<{ count: number }>("api/editor/queue/clear", post())).count;
}

/** Puts a waiting job before another one of the same priority; null: to the end. */
export function moveJob(id: string, before: string | null): Promise<QueueState> {
  return request<QueueState>(`api/editor/queue/${id}/move`, post({ before }));
}

export function setPriority(id: string, priority: number): Promise<QueueState> {
  return request<QueueState>(`api/editor/queue/${id}/priority`, post({ priority }));
}

/** All that is wrong with a workflow; an empty list if nothing is. */
export async function problemsOf(workflow: Workflow): Promise<readonly Problem[]> {
  const found = await request<{ problems: Problem[] }>("api/editor/validate", post({ workflow }));
  return found.problems;
}

/** Puts an output among the input files; returns the name that nodes find it by. */
export async function inputFromAsset(asset: string): Promise<string> {
  const body = { asset_id: asset };
  return (await request<{ name: string }>("api/editor/inputs/from-asset", post(body))).name;
}

/** An address of the server, relative to the page, so that the editor works behind a prefix. */
export function relative(url: string): string {
  return url.replace(/^\//, "");
}

function post(body: object = {}) {
  return { method: "POST", body } as const;
}
