/** The numbers on the icons of panels. */

import { activeTab, useDocuments } from "../store/documents";
import { isDone, runOf, useRuns } from "../store/runs";

/** Jobs that wait or run. */
export function useActiveCount(): number {
  return useRuns((state) => Object.values(state.runs).filter((run) => !isDone(run)).length);
}

/** What is wrong with the open workflow, and whether its last run failed. */
export function useProblemCount(): number {
  const tab = useDocuments((state) => activeTab(state).id);
  return useRuns((state) => {
    const failed = runOf(state, tab)?.error ? 1 : 0;
    return (state.problems[tab]?.length ?? 0) + failed;
  });
}
