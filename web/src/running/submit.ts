/** Handing the open workflow to the server, and stopping what was handed over. */

import { ApiError, request } from "../api/client";
import { register } from "../commands/registry";
import { activeTab, type Tab } from "../store/documents";
import { isDone, type Problem, putRun, type Run, useRuns } from "../store/runs";
import { toast } from "../store/toasts";
import { t } from "../text/catalogue";

/** This page: what it submits is told apart from what others do. */
export const CLIENT = crypto.randomUUID();

/** Submits a tab's workflow; undefined if the server refused it (the problems are on the nodes). */
export async function submit(
  tab: Tab,
  targets: readonly string[] | null = null,
): Promise<string | undefined> {
  const body = { workflow: tab.doc, targets, client_id: CLIENT };
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  try {
    const job = await request<Run>("api/v2/jobs", { method: "POST", body, headers });
    useRuns.setState(({ lastOf, problems }) => ({
      lastOf: { ...lastOf, [tab.id]: job.id },
      problems: { ...problems, [tab.id]: [] },
    }));
    await catchUp(job.id);
    return job.id;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refused(tab.id, error);
    return undefined;
  }
}

/** A job may be done before the first event of it is here. */
async function catchUp(id: string): Promise<void> {
  if (useRuns.getState().runs[id] !== undefined) return;
  putRun(await request<Run>(`api/editor/jobs/${id}`));
}

function refused(tab: string, error: ApiError): void {
  const found = error.details.problems;
  const problems = Array.isArray(found) ? (found as Problem[]) : [];
  useRuns.setState((state) => ({ problems: { ...state.problems, [tab]: problems } }));
  const count = problems.length;
  const text = count > 0 ? t("running.refused", { count }) : error.message;
  toast({ kind: "error", text });
}

function shown(): Run | undefined {
  const { runs, lastOf } = useRuns.getState();
  return runs[lastOf[activeTab().id] ?? ""];
}

register(
  {
    id: "run.queue",
    keys: "Mod+Enter",
    inFields: true,
    run: async () => void (await submit(activeTab())),
  },
  {
    id: "run.cancel",
    keys: "Mod+Alt+Enter",
    inFields: true,
    enabled: () => {
      const run = shown();
      return run !== undefined && !isDone(run);
    },
    run: async () => {
      const run = shown();
      if (run) await request(`api/v2/jobs/${run.id}/cancel`, { method: "POST", body: {} });
    },
  },
);
