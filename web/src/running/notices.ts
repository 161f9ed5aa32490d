/** Says that a run has ended where one does not see it: in another tab, or in the background. */

import { activeTab, showTab, useDocuments } from "../store/documents";
import { isDone, type Run, type Runs, useRuns } from "../store/runs";
import { dismiss, toast } from "../store/toasts";
import { show } from "../store/view";
import { t } from "../text/catalogue";
import { isLive } from "./live";
import { submitted } from "./submit";

/** Listens until the returned function is called. */
export function followEnds(): () => void {
  return useRuns.subscribe((state, before) => {
    if (state.runs === before.runs) return;
    for (const run of endedNow(state, before)) tell(run);
  });
}

/** Jobs of this page that have just ended. */
export function endedNow(state: Runs, before: Runs): Run[] {
  return Object.values(state.runs).filter((run) => {
    const old = before.runs[run.id];
    if (run === old || !isDone(run) || (old && isDone(old))) return false;
    return submitted.has(run.id) || (old !== undefined && tabOf(run) !== undefined);
  });
}

function tabOf(run: Run): string | undefined {
  const { tabs } = useDocuments.getState();
  return tabs.find((tab) => tab.id === run.metadata?.tab)?.id;
}

/** What says that a tab's job failed: it goes once another one of it succeeded. */
const failures = new Map<string, number>();

function tell(run: Run): void {
  const tab = tabOf(run);
  if (tab !== undefined && run.status === "succeeded") {
    dismiss(failures.get(tab) ?? -1);
    failures.delete(tab);
  }
  const away = document.hidden || tab !== activeTab().id;
  const name = run.title || t("common.untitled");
  if (run.status === "failed") {
    const text = t("running.failed", { name, message: run.error?.message ?? "" });
    const action = { label: t("running.showProblems"), run: () => goTo(tab, "problems") };
    const shown = toast({ kind: "error", text, action });
    if (tab !== undefined) failures.set(tab, shown);
  } else if (run.status === "succeeded" && away && !isLive(tab)) {
    const action = { label: t("running.showResult"), run: () => goTo(tab, "gallery") };
    toast({ kind: "success", text: t("running.succeeded", { name }), action });
  }
}

function goTo(tab: string | undefined, panel: "problems" | "gallery"): void {
  if (tab !== undefined) showTab(tab);
  show({ panel });
}
