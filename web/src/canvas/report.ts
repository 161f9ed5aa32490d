/** How a node stands in the job that was last submitted from the open tab. */

import { activeTab, useDocuments } from "../store/documents";
import { type NodeReport, type Run, useRuns } from "../store/runs";
import { usePrefix } from "./results";

function useOfRun<T>(read: (run: Run) => T): T | undefined {
  const tab = useDocuments((state) => activeTab(state).id);
  return useRuns((state) => {
    const run = state.runs[state.lastOf[tab] ?? ""];
    return run && read(run);
  });
}

export function useReport(id: string): NodeReport | undefined {
  const name = usePrefix() + id;
  return useOfRun((run) => run.nodes[name]);
}

/** From 0 to 1 while the node counts its steps; null while it does not run. */
export function useProgress(id: string): number | null {
  const name = usePrefix() + id;
  const progress = useOfRun((run) => {
    const now = run.progress;
    if (run.status !== "running" || now?.current_node !== name) return null;
    return now.step !== null && now.steps ? now.step / now.steps : 0;
  });
  return progress ?? null;
}
