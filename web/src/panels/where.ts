/** Which open tab a job belongs to. */

import { type Tab, useDocuments } from "../store/documents";
import type { JobCard } from "../store/runs";

/** Undefined if the tab it was submitted from is not open here. */
export function findPlace(job: Pick<JobCard, "metadata">): Tab | undefined {
  return useDocuments.getState().tabs.find((tab) => tab.id === job.metadata?.tab);
}
