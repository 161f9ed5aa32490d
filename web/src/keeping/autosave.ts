/** Keeps each tab's unsaved edit in the server's journal, whatever becomes of the page. */

import { ApiError } from "../api/client";
import { type DraftInfo, draftKey, type PutDraft } from "../api/drafts";
import type { DraftRef } from "../api/workflows";
import type { Workflow } from "../graph/workflow";
import { isUnsaved, type Tab } from "../store/documents";
import { newId } from "../store/ids";
import { same } from "./compare";
import { Pace } from "./pace";

/** With the way to the server it is kept within 2 s, even while somebody types on. */
export const WAIT_MS = 500;
export const MOST_MS = 1200;
const AGAIN_MS = 1500;
const LONGEST_MS = 15_000;
/** How many documents without an answer are remembered. */
const UNANSWERED = 8;

/** The journal: the server's in the page, another in tests. */
export interface Journal {
  put(key: string, body: PutDraft): Promise<DraftInfo>;
  drop(key: string, revision: string): Promise<unknown>;
}

/** Where the unsaved edit of a tab is. `waiting`: not there yet; `refused`: the server's words. */
export type DraftState = "none" | "kept" | "waiting" | { readonly refused: string };

type Tell = (tab: string, state: DraftState, ref: DraftRef | null) => void;

interface Entry {
  tab: Tab;
  closed: boolean;
  /** Told apart from another window that has the same tab. */
  fork: string;
  ref: DraftRef | null;
  /** What the journal holds. */
  kept: Workflow | null;
  /** Drafts under earlier names of the tab, which go once they are not needed. */
  readonly stale: DraftRef[];
  /** What was sent without an answer: the journal may hold any of them. */
  sent: readonly Workflow[];
  /** What the server would not take. */
  refused: Workflow | null;
  busy: boolean;
  failures: number;
  again: ReturnType<typeof setTimeout> | undefined;
  readonly pace: Pace;
}

export class Autosave {
  private readonly entries = new Map<string, Entry>();
  private readonly journal: Journal;
  private readonly tell: Tell;

  constructor(journal: Journal, tell: Tell) {
    this.journal = journal;
    this.tell = tell;
  }

  /** Takes the tabs as they are now: those that changed are kept soon, those gone are dropped. */
  follow(tabs: readonly Tab[]): void {
    const open = new Set(tabs.map((tab) => tab.id));
    for (const tab of tabs) {
      const entry = this.entryOf(tab);
      const before = entry.tab;
      entry.tab = tab;
      if (
        before.doc === tab.doc &&
        before.name === tab.name &&
        isUnsaved(before) === isUnsaved(tab)
      )
        continue;
      this.later(entry);
    }
    for (const [id, entry] of this.entries) {
      if (open.has(id) || entry.closed) continue;
      entry.closed = true;
      entry.pace.now();
    }
  }

  /** Takes a tab of an earlier page, with the draft that it had. */
  adopt(tab: Tab, ref: DraftRef | null): void {
    const entry = this.entryOf(tab);
    entry.ref = ref;
    entry.sent = [tab.doc];
    if (ref) entry.fork = ref.name.slice(1 + tab.id.length).split("/")[0] ?? "";
    entry.pace.now();
  }

  /** Goes on with a draft of elsewhere, which is dropped once the tab's own is kept. */
  takeOver(tab: Tab, ref: DraftRef): void {
    this.entryOf(tab).stale.push(ref);
  }

  /** Keeps all that is not kept yet, at once. */
  flush(): void {
    for (const entry of this.entries.values()) {
      // Somebody may have signed in again, or made room.
      entry.refused = null;
      if (wanted(entry)) entry.pace.now();
    }
  }

  /** Whether the journal holds a tab as it is now. */
  holds(tab: Tab): boolean {
    return this.entries.get(tab.id)?.kept === tab.doc;
  }

  refOf(tab: string): DraftRef | null {
    return this.entries.get(tab)?.ref ?? null;
  }

  /** Where the journal has the tabs' drafts, or will have them. */
  keys(): string[] {
    const entries = [...this.entries.values()];
    const refs = entries.flatMap(({ ref, stale }) => (ref ? [ref, ...stale] : stale));
    return [...entries.map(keyOf), ...refs.map(({ name }) => name)];
  }

  stop(): void {
    for (const entry of this.entries.values()) {
      entry.pace.stop();
      clearTimeout(entry.again);
    }
  }

  private entryOf(tab: Tab): Entry {
    const known = this.entries.get(tab.id);
    if (known) return known;
    const entry: Entry = {
      tab,
      closed: false,
      fork: "",
      ref: null,
      kept: null,
      sent: [],
      stale: [],
      refused: null,
      busy: false,
      failures: 0,
      again: undefined,
      pace: new Pace(() => void this.step(entry), WAIT_MS, MOST_MS),
    };
    this.entries.set(tab.id, entry);
    if (isUnsaved(tab)) this.later(entry);
    return entry;
  }

  private later(entry: Entry): void {
    if (wanted(entry)) this.tell(entry.tab.id, "waiting", entry.ref);
    entry.pace.ask();
  }

  private async step(entry: Entry): Promise<void> {
    if (entry.busy) return;
    entry.busy = true;
    clearTimeout(entry.again);
    try {
      if (entry.closed || !isUnsaved(entry.tab)) await this.drop(entry);
      else if (wanted(entry)) await this.put(entry);
      if (entry.kept !== null || !isUnsaved(entry.tab) || entry.closed) await this.tidy(entry);
      entry.failures = 0;
    } catch (error) {
      this.failed(entry, error);
      return;
    } finally {
      entry.busy = false;
    }
    if (wanted(entry) && !entry.pace.pending) entry.pace.ask();
    if (entry.closed && entry.ref === null) this.entries.delete(entry.tab.id);
  }

  private async put(entry: Entry): Promise<void> {
    const { tab, ref } = entry;
    const key = keyOf(entry);
    const seen = ref?.name === key ? ref.revision : null;
    const before = entry.sent;
    entry.sent = [...before, tab.doc].slice(-UNANSWERED);
    try {
      const made = await this.journal.put(key, {
        document: tab.doc,
        base_version: tab.version ?? 0,
        seen,
      });
      entry.ref = { name: key, revision: made.revision };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 409) {
        if (error.status !== 0) entry.sent = before;
        throw error;
      }
      const { document, revision } = error.details as { document?: Workflow; revision?: string };
      const own = entry.sent.findLast((sent) => same(document, sent));
      if (revision === undefined || own === undefined) return this.forkOff(entry);
      entry.ref = { name: key, revision };
      // It came through, and only the answer did not: the next turn goes on from there.
      if (own !== tab.doc) return;
    }
    entry.sent = [];
    entry.kept = tab.doc;
    this.tell(tab.id, wanted(entry) ? "waiting" : "kept", entry.ref);
    if (ref && ref.name !== key) entry.stale.push(ref);
  }

  /** Drops what the journal has better by now. */
  private async tidy(entry: Entry): Promise<void> {
    for (let ref = entry.stale[0]; ref; ref = entry.stale[0]) {
      await this.dropIfThere(ref);
      entry.stale.shift();
    }
  }

  /** Where somebody else went on with it, it is theirs. */
  private async dropIfThere(ref: DraftRef): Promise<void> {
    try {
      await this.journal.drop(ref.name, ref.revision);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
    }
  }

  /** Another window has this tab too: both edits stay, each under a key of its own. */
  private forkOff(entry: Entry): void {
    entry.fork = `.${newId().slice(0, 6)}`;
    entry.ref = null;
    entry.kept = null;
    entry.sent = [];
  }

  private async drop(entry: Entry): Promise<void> {
    if (entry.ref) await this.dropIfThere(entry.ref);
    entry.ref = null;
    entry.kept = null;
    this.tell(entry.tab.id, wanted(entry) ? "waiting" : "none", null);
  }

  private failed(entry: Entry, error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    const { id } = entry.tab;
    const later = error.status === 0 || error.status === 429 || error.status >= 500;
    if (!later) {
      // What is wrong with this edit need not be wrong with the next one.
      entry.refused = entry.tab.doc;
      this.tell(id, { refused: error.message }, entry.ref);
      if (error.status === 401 || error.status === 403) this.again(entry, LONGEST_MS);
      return;
    }
    entry.failures += 1;
    this.tell(id, "waiting", entry.ref);
    this.again(entry, Math.min(AGAIN_MS * entry.failures, LONGEST_MS));
  }

  private again(entry: Entry, wait: number): void {
    entry.again = setTimeout(() => {
      entry.refused = null;
      entry.pace.now();
    }, wait);
  }
}

function keyOf({ tab, fork }: Entry): string {
  return draftKey(`${tab.id}${fork}`, tab.name);
}

/** Whether the journal should hold something that it does not hold, or no longer. */
function wanted(entry: Entry): boolean {
  if (entry.closed || !isUnsaved(entry.tab)) return entry.ref !== null;
  return entry.kept !== entry.tab.doc && entry.refused !== entry.tab.doc;
}
