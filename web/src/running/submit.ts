/** Handing workflows to the server, and stopping what was handed over. */

import { ApiError } from "../api/client";
import { cancelJob, fetchJob, submitJob } from "../api/jobs";
import type { Workflow } from "../graph/workflow";
import type { Tab } from "../store/documents";
import { newId } from "../store/ids";
import { putFetched, withSubmitted } from "../store/runChanges";
import { activeRuns, type Problem, useRuns } from "../store/runs";
import { dismiss, tellError, toast } from "../store/toasts";
import { show, useView } from "../store/view";
import { t } from "../text/catalogue";

/** This page: what it submits is told apart from what others do. */
export const CLIENT = newId();

/** Jobs that this page submitted. */
export const submitted = new Set<string>();

/** What says that a tab's workflow was refused: it goes once that is mended, or tried again. */
const refusals = new Map<string, number>();

export interface SubmitOptions {
  /** Nodes to run, with what they need; null: all that save or show something. */
  readonly targets?: readonly string[] | null;
  /** In place of what the tab holds. */
  readonly doc?: Workflow;
  /** Says nothing where it is refused; the problems are on the nodes all the same. */
  readonly quiet?: boolean;
}

/** Submits a tab's workflow; undefined if the server refused it (the problems are on the nodes). */
export async function submit(tab: Tab, options: SubmitOptions = {}): Promise<string | undefined> {
  const { targets = null, doc = tab.doc, quiet = false } = options;
  const metadata = { tab: tab.id };
  forgetRefusal(tab.id);
  const workflow = doc.name || tab.name === null ? doc : { ...doc, name: tab.name };
  try {
    const id = await submitJob({ workflow, targets, client_id: CLIENT, metadata });
    submitted.add(id);
    useRuns.setState((state) => withSubmitted(state, tab.id, id));
    await catchUp(id);
    return id;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refused(tab.id, error, quiet);
    return undefined;
  }
}

/** A job may be done before the first event of it is here. */
export async function catchUp(id: string): Promise<void> {
  if (useRuns.getState().runs[id] === undefined) putFetched(await fetchJob(id));
}

function refused(tab: string, error: ApiError, quiet: boolean): void {
  const found = error.details.problems;
  const problems = Array.isArray(found) ? (found as Problem[]) : [];
  useRuns.setState((state) => ({ problems: { ...state.problems, [tab]: problems } }));
  // The form lists them itself.
  const told = quiet || useView.getState().page === "form";
  if (told && problems.length > 0) return;
  const count = problems.length;
  const placed = problems.some(({ node }) => node !== null);
  const why = problems.map(({ message }) => message).join("; ") || error.message;
  const unheard = error.status === 0 ? t("running.notQueued") : why;
  const text = placed ? t("running.refused", { count }) : unheard;
  const action = { label: t("running.showProblems"), run: () => show({ panel: "problems" }) };
  refusals.set(tab, toast({ kind: "error", text, ...(count > 0 && { action }) }));
}

/** Takes away the message that a tab's workflow was refused. */
export function forgetRefusal(tab: string): void {
  const shown = refusals.get(tab);
  refusals.delete(tab);
  // Tabs that were refused alike have one message.
  if (shown !== undefined && ![...refusals.values()].includes(shown)) dismiss(shown);
}

/** Stops what waits and runs of a tab; of all tabs and programs of this person if none is given. */
export async function stop(tab?: string): Promise<void> {
  await cancel(activeRuns(useRuns.getState(), tab).map((run) => run.id));
}

/** Stops jobs, the oldest of which comes first. */
export async function cancel(ids: readonly string[]): Promise<void> {
  // The ones that wait go first, or each would begin when the one before it is stopped.
  for (const id of ids.toReversed()) await attempt(() => cancelJob(id));
}

/** Does what the server may refuse, and says so if it does; whether it was done. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tellError(error);
    return false;
  }
}
