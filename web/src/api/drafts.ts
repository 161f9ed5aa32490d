/** The server's journal of unsaved edits, one for each tab. */

import type { Workflow } from "../graph/workflow";
import { request } from "./client";
import type { Remark } from "./workflows";

export interface DraftInfo {
  readonly name: string;
  readonly base_version: number;
  readonly saved_at: string;
  readonly revision: string;
}

export interface Draft extends DraftInfo {
  readonly document: Workflow;
  readonly updates: readonly Remark[];
}

export interface DraftSummary {
  readonly name: string;
  readonly base_version: number;
  readonly saved_at: string;
  readonly size: number;
}

export interface PutDraft {
  readonly document: Workflow;
  /** The version that was edited; 0 for none. */
  readonly base_version: number;
  /** The revision that was written or read last; null for none. */
  readonly seen: string | null;
}

const PATH = "api/editor/drafts";
const LONGEST = 200;
const PATIENCE_MS = 15_000;

function at(key: string): string {
  return `${PATH}/${encodeURIComponent(key)}`;
}

export async function listDrafts(): Promise<DraftSummary[]> {
  return (await request<{ drafts: DraftSummary[] }>(PATH)).drafts;
}

export function loadDraft(key: string): Promise<Draft> {
  return request(at(key));
}

export function putDraft(key: string, body: PutDraft): Promise<DraftInfo> {
  return request(at(key), { method: "PUT", body, patience: PATIENCE_MS });
}

export function dropDraft(key: string, revision = "*"): Promise<null> {
  return request(`${at(key)}?revision=${encodeURIComponent(revision)}`, { method: "DELETE" });
}

/**
 * The key of a tab's draft: two tabs never share one. It names the workflow too, for those who
 * find the draft without its tab.
 */
export function draftKey(tab: string, name: string | null): string {
  const key = name === null ? `~${tab}` : `~${tab}/${name}`;
  return key.length > LONGEST ? `~${tab}` : key;
}

/** What a key says: the tab, and the name of its workflow. */
export function readKey(key: string): {
  readonly tab: string | null;
  readonly name: string | null;
} {
  if (!key.startsWith("~")) return { tab: null, name: key };
  const slash = key.indexOf("/");
  const tab = key.slice(1, slash < 0 ? undefined : slash).split(".")[0] ?? "";
  return { tab, name: slash < 0 ? null : key.slice(slash + 1) };
}

/** What to call a draft: its workflow's name, that of the file or template it began with, or "". */
export function draftTitle(key: string, document: Workflow | undefined): string {
  return readKey(key).name || document?.name || "";
}
