/** Running again after each change, for the tabs in which that is switched on. */

import { create } from "zustand";
import type { Workflow } from "../graph/workflow";
import { activeTab, useDocuments } from "../store/documents";
import { isDone, useRuns } from "../store/runs";
import { cancel, submit } from "./submit";

/** After the last change; typing is not run letter by letter. */
const REST_MS = 700;

/** Tab -> the job that live mode has submitted last: others were asked for, and go on. */
const made = new Map<string, string>();

interface Live {
  readonly tabs: ReadonlySet<string>;
}

export const useLive = create<Live>(() => ({ tabs: new Set() }));

export function isLive(tab: string = activeTab().id): boolean {
  return useLive.getState().tabs.has(tab);
}

export function switchLive(tab: string = activeTab().id): void {
  const tabs = new Set(useLive.getState().tabs);
  if (!tabs.delete(tab)) tabs.add(tab);
  useLive.setState({ tabs });
  if (tabs.has(tab)) void again(tab);
}

/** Whether a change can make another result: moving nodes about cannot. */
export function mayChangeResult(before: Workflow, after: Workflow): boolean {
  return before.nodes !== after.nodes || before.outputs !== after.outputs;
}

/** Follows the open workflows until the returned function is called. */
export function followChanges(): () => void {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const end = useDocuments.subscribe(({ tabs }, before) => {
    for (const tab of tabs) {
      const old = before.tabs.find((one) => one.id === tab.id);
      if (old === undefined || old.doc === tab.doc || !isLive(tab.id)) continue;
      if (!mayChangeResult(old.doc, tab.doc)) continue;
      clearTimeout(timers.get(tab.id));
      timers.set(
        tab.id,
        setTimeout(() => void again(tab.id), REST_MS),
      );
    }
  });
  return () => {
    end();
    for (const timer of timers.values()) clearTimeout(timer);
  };
}

async function again(id: string): Promise<void> {
  const tab = useDocuments.getState().tabs.find((one) => one.id === id);
  if (tab === undefined || !isLive(id)) return;
  const { runs } = useRuns.getState();
  const before = runs[made.get(id) ?? ""];
  if (before && !isDone(before)) await cancel([before.id]);
  const job = await submit(tab, { quiet: true });
  if (job !== undefined) made.set(id, job);
}
