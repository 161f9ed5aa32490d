/** Saved workflows in the order in which people look for them. */

import type { WorkflowInfo } from "../api/workflows";

export interface FolderOf {
  /** Such as `portraits/soft`; empty for what is in none. */
  readonly folder: string;
  readonly workflows: readonly WorkflowInfo[];
}

/** Those whose names hold every word of a search, in any case. */
export function found(all: readonly WorkflowInfo[], search: string): WorkflowInfo[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}

/** By folder, those in none first. */
export function byFolder(all: readonly WorkflowInfo[]): FolderOf[] {
  const folders = new Map<string, WorkflowInfo[]>();
  for (const info of all) {
    const folder = info.name.includes("/") ? info.name.slice(0, info.name.lastIndexOf("/")) : "";
    folders.set(folder, [...(folders.get(folder) ?? []), info]);
  }
  return [...folders]
    .map(([folder, workflows]) => ({ folder, workflows }))
    .sort((a, b) => a.folder.localeCompare(b.folder));
}
