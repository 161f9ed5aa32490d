/** Which tab of the browser this is, and which others have the editor open. */

import { newId } from "../store/ids";

const KEY = "nodegraph.window";
const LOCK = "nodegraph.window.";
/** How long the page that is being left may take to let go of its name. */
const PATIENCE_MS = 1000;

export interface Windows {
  readonly own: string;
  /** Whether the window had this name on an earlier page. */
  readonly again: boolean;
  /** The others; undefined where the browser does not tell (plain HTTP over a network). */
  readonly others: ReadonlySet<string> | undefined;
}

/** Names this window. One that was duplicated has the name of the other, and gets a new one. */
export async function nameWindow(): Promise<Windows> {
  const before = sessionStorage.getItem(KEY);
  // Without locks, duplicates are told apart by the revisions of their drafts.
  if (navigator.locks === undefined) return named(before ?? newId(), before !== null, undefined);
  const again = before !== null && (await hold(before));
  const own = again ? before : newId();
  if (!again) await hold(own);
  const { held = [] } = await navigator.locks.query();
  const names = held.map((lock) => lock.name ?? "").filter((name) => name.startsWith(LOCK));
  const others = new Set(names.map((name) => name.slice(LOCK.length)));
  others.delete(own);
  return named(own, again, others);
}

function named(own: string, again: boolean, others: Windows["others"]): Windows {
  sessionStorage.setItem(KEY, own);
  return { own, again, others };
}

/** Holds a name for as long as the page is there; false if another window holds it. */
function hold(name: string): Promise<boolean> {
  return new Promise((done) => {
    navigator.locks
      .request(LOCK + name, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => {
        done(true);
        return new Promise(() => {});
      })
      .catch(() => done(false));
  });
}
