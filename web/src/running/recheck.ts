/** Problems vanish as they are mended: a workflow that was refused is checked after each change. */

import { ApiError } from "../api/client";
import { problemsOf } from "../api/jobs";
import { useDocuments } from "../store/documents";
import { useRuns } from "../store/runs";
import { mayChangeResult } from "./live";
import { forgetRefusal } from "./submit";

const REST_MS = 500;

/** Follows the open workflows until the returned function is called. */
export function followProblems(): () => void {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const end = useDocuments.subscribe(({ tabs }, before) => {
    const { problems } = useRuns.getState();
    for (const tab of tabs) {
      const old = before.tabs.find((one) => one.id === tab.id);
      if (!old || old.doc === tab.doc || !problems[tab.id]?.length) continue;
      if (!mayChangeResult(old.doc, tab.doc)) continue;
      clearTimeout(timers.get(tab.id));
      timers.set(
        tab.id,
        setTimeout(() => void check(tab.id), REST_MS),
      );
    }
  });
  return () => {
    end();
    for (const timer of timers.values()) clearTimeout(timer);
  };
}

/** Asks what is wrong with a tab's workflow; undefined if the server did not say. */
export async function check(id: string): Promise<number | undefined> {
  const tab = useDocuments.getState().tabs.find((one) => one.id === id);
  if (tab === undefined) return undefined;
  try {
    const found = await problemsOf(tab.doc);
    const now = useDocuments.getState().tabs.find((one) => one.id === id);
    if (now?.doc !== tab.doc) return undefined;
    useRuns.setState(({ problems }) => ({ problems: { ...problems, [id]: found } }));
    if (found.length === 0) forgetRefusal(id);
    return found.length;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  }
}
