/** Finds the jobs of open tabs again after the page was loaded anew, by the label they carry. */

import { ApiError } from "../api/client";
import { fetchJob, lastJobOf } from "../api/jobs";
import { useDocuments } from "../store/documents";
import { putFetched } from "../store/runChanges";
import { useRuns } from "../store/runs";

/** Asks once for each tab, as soon as the server is heard; until the returned function is called. */
export function findJobs(): () => void {
  const asked = new Set<string>();
  const look = () => {
    const { connected, lastOf } = useRuns.getState();
    if (!connected) return;
    for (const { id } of useDocuments.getState().tabs) {
      if (asked.has(id) || id in lastOf) continue;
      asked.add(id);
      void find(id).then((known) => known || asked.delete(id));
    }
  };
  const ends = [useDocuments.subscribe(look), useRuns.subscribe(look)];
  look();
  return () => {
    for (const end of ends) end();
  };
}

/** Whether the server could say. */
async function find(tab: string): Promise<boolean> {
  try {
    const id = await lastJobOf(tab);
    if (id !== undefined) putFetched(await fetchJob(id));
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.status !== 0 && error.status !== 503;
  }
}
