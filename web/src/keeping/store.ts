/** How safe the work is: what the journal holds, what others left, which question is open. */

import { create } from "zustand";
import type { DraftSummary } from "../api/drafts";
import type { DraftRef, Report } from "../api/workflows";
import type { Workflow } from "../graph/workflow";
import type { DraftState } from "./autosave";

/** A version that somebody else saved; `document` is null where they deleted it. */
export interface Theirs {
  readonly version: number;
  readonly saved_at: string | null;
  readonly document: Workflow | null;
}

export interface FileReport {
  readonly file: string;
  readonly report: Report;
  /** What the remarks are on. */
  readonly workflow: Workflow;
}

/** The dialog that is open. */
export type Question =
  | { readonly kind: "saveAs"; readonly tab: string; readonly close: boolean }
  | { readonly kind: "rename"; readonly name: string }
  | { readonly kind: "open" }
  | { readonly kind: "templates" }
  | { readonly kind: "close"; readonly tab: string }
  | { readonly kind: "versions"; readonly tab: string }
  | { readonly kind: "conflict"; readonly tab: string; readonly theirs: Theirs }
  | { readonly kind: "report"; readonly reports: readonly FileReport[] };

interface Keeping {
  /** Whether the tabs of the page before are back. */
  readonly restored: boolean;
  readonly states: { readonly [tab: string]: DraftState };
  readonly drafts: { readonly [tab: string]: DraftRef };
  /** Tabs whose saving waits for the server. */
  readonly owed: readonly string[];
  /** Unsaved edits that this browser does not know: of another one, or of one that forgot. */
  readonly elsewhere: readonly DraftSummary[];
  /** Tab -> the version that was saved elsewhere while it holds unsaved edits. */
  readonly behind: { readonly [tab: string]: number };
  readonly question: Question | null;
  /** Counts what is saved, renamed and deleted, so that lists are read again. */
  readonly changes: number;
  /** Workflows that are deleted as soon as it can no longer be undone. */
  readonly removing: readonly string[];
}

export const useKeeping = create<Keeping>(() => ({
  restored: false,
  states: {},
  drafts: {},
  owed: [],
  elsewhere: [],
  behind: {},
  question: null,
  changes: 0,
  removing: [],
}));

export function ask(question: Question | null): void {
  useKeeping.setState({ question });
}

export function changed(): void {
  useKeeping.setState(({ changes }) => ({ changes: changes + 1 }));
}
