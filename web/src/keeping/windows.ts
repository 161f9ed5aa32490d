/** Which tab of the browser this is, and which others have the editor open. */

import { newId } from "../store/ids";

const KEY = "nodegraph.window";
const LOCK = "nodegraph.window.";
/** How long the page that is being left may take to let go of its name. */
const PATIENCE_MS = 1000;
/** How long windows are waited for that are asked to name themselves. */
const ANSWER_MS = 300;

export interface Windows {
  readonly own: string;
  /** Whether the window had this name on an earlier page. */
  readonly again: boolean;
  /** The others; undefined where the browser does not tell. */
  readonly others: ReadonlySet<string> | undefined;
}

/** Names this window. One that was duplicated has the name of the other, and gets a new one. */
export async function nameWindow(): Promise<Windows> {
  const before = remembered();
  const found = (await byLocks(before)) ?? (await byCalling(before)) ?? alone(before);
  remember(found.own);
  return found;
}

/** Nobody tells: duplicates are told apart by the revisions of their drafts. */
function alone(before: string | null): Windows {
  return { own: before ?? newId(), again: before !== null, others: undefined };
}

/** Locks are the surest, for a window lets go of them however it ends; only HTTPS has them. */
async function byLocks(before: string | null): Promise<Windows | undefined> {
  if (typeof navigator === "undefined" || navigator.locks === undefined) return undefined;
  try {
    const again = before !== null && (await hold(before));
    const own = again ? before : newId();
    if (!again && !(await hold(own))) return undefined;
    const { held = [] } = await navigator.locks.query();
    const names = held.map((lock) => lock.name ?? "").filter((name) => name.startsWith(LOCK));
    const others = new Set(names.map((name) => name.slice(LOCK.length)));
    others.delete(own);
    return { own, again, others };
  } catch {
    return undefined;
  }
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

type Word = { readonly kind: "who" | "here"; readonly name: string };

/**
 * Over plain HTTP windows call each other. One that sleeps does not answer and loses its tabs to
 * this one; where it wakes, the revisions of drafts keep both edits.
 */
async function byCalling(before: string | null): Promise<Windows | undefined> {
  const channel = openChannel();
  if (channel === undefined) return undefined;
  const others = new Set<string>();
  let own = before ?? newId();
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    const answer = { kind: "here", name: own } satisfies Word;
    if (data.kind === "who") channel.postMessage(answer);
    if (data.kind === "here" || data.name !== own) others.add(data.name);
  };
  channel.postMessage({ kind: "who", name: own } satisfies Word);
  await new Promise((wake) => setTimeout(wake, ANSWER_MS));
  const taken = others.has(own);
  if (taken) own = newId();
  return { own, again: before !== null && !taken, others: new Set(others) };
}

function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel("nodegraph.windows");
  } catch {
    return undefined;
  }
}

/** A browser that lets no page keep anything throws, even where it is only asked. */
function remembered(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(own: string): void {
  try {
    sessionStorage.setItem(KEY, own);
  } catch {
    // The next page begins anew.
  }
}
