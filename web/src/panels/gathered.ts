/** What jobs made, in one list. */

import type { JobCard, Output } from "../store/runs";

/** Newest job first; what several jobs made alike, such as a reused result, stands there once. */
export function gathered(...lists: readonly (readonly JobCard[])[]): Output[] {
  const jobs = new Map<string, JobCard>();
  for (const job of lists.flat()) if (!jobs.has(job.id)) jobs.set(job.id, job);
  const newest = [...jobs.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
  const seen = new Set<string>();
  return newest
    .flatMap((job) => job.outputs)
    .filter((output) => {
      const same = `${output.hash ?? output.id} ${output.name}`;
      if (seen.has(same)) return false;
      seen.add(same);
      return true;
    });
}
