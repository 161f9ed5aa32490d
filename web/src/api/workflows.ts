/** Saved workflows, templates, and the formats of other programs, as the server keeps them. */

import type { Json, Workflow } from "../graph/workflow";
import { request } from "./client";

export interface WorkflowInfo {
  readonly name: string;
  readonly version: number;
  readonly saved_at: string;
  readonly size: number;
}

export interface Saved {
  readonly name: string;
  readonly version: number;
  readonly saved_at: string;
}

export interface SavedWorkflow extends Saved {
  readonly document: Workflow;
  /** Nodes of older versions, which `document` holds as of the installed ones. */
  readonly updates: readonly Remark[];
}

export interface DraftRef {
  readonly name: string;
  readonly revision: string;
}

export interface Remark {
  readonly code: string;
  readonly message: string;
  readonly node: string | null;
  readonly field: string | null;
  /** Nothing in the new workflow stands for it. */
  readonly lost: boolean;
}

export interface Report {
  readonly source: string;
  readonly remarks: readonly Remark[];
}

export interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly nodes: number;
  readonly thumbnail_url: string | null;
}

const PATH = "api/editor/workflows";
const PAGE = 500;

function at(name: string, rest = ""): string {
  return `${PATH}/${encodeURIComponent(name)}${rest}`;
}

/** The newest version of every workflow, by name. */
export async function listWorkflows(search = ""): Promise<WorkflowInfo[]> {
  const found: WorkflowInfo[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const query = new URLSearchParams({ limit: `${PAGE}`, offset: `${offset}`, search });
    const page: { workflows: WorkflowInfo[]; next: number | null } = await request(
      `${PATH}?${query}`,
    );
    found.push(...page.workflows);
    offset = page.next;
  }
  return found;
}

export function loadWorkflow(name: string, version?: number): Promise<SavedWorkflow> {
  return request(at(name, version === undefined ? "" : `?version=${version}`));
}

/** Saves the next version; status 409 where another than `base` is the newest. */
export function saveWorkflow(
  name: string,
  document: Workflow,
  base: number | null,
  draft: DraftRef | null,
): Promise<Saved> {
  return request(at(name), { method: "PUT", body: { document, base_version: base, draft } });
}

export async function listVersions(name: string): Promise<WorkflowInfo[]> {
  return (await request<{ versions: WorkflowInfo[] }>(at(name, "/versions"))).versions;
}

export function moveWorkflow(name: string, to: string): Promise<Saved> {
  return request(at(name, "/move"), { method: "POST", body: { to } });
}

export function deleteWorkflow(name: string): Promise<null> {
  return request(at(name), { method: "DELETE" });
}

export function importFile(file: File): Promise<{ workflow: Workflow; report: Report }> {
  const form = new FormData();
  form.append("file", file);
  return request("api/editor/import/file", { method: "POST", form });
}

/** A workflow in ComfyUI's API format. */
export function exportApi(workflow: Workflow): Promise<{ prompt: Json; report: Report }> {
  return request("api/editor/export", { method: "POST", body: { workflow } });
}

export async function listTemplates(): Promise<Template[]> {
  return (await request<{ templates: Template[] }>("api/editor/templates")).templates;
}

export async function beginTemplate(name: string): Promise<Workflow> {
  const path = `api/editor/templates/${encodeURIComponent(name)}/begin`;
  return (await request<{ workflow: Workflow }>(path, { method: "POST", body: {} })).workflow;
}
