/** The tabs of a page as records to keep, and which records an earlier page left for this one. */

import { type DraftSummary, draftKey } from "../api/drafts";
import type { DraftRef } from "../api/workflows";
import { nodesOf } from "../graph/workflow";
import { isUnsaved, isUntouched, type Tab } from "../store/documents";
import type { KeptTab } from "./local";
import type { Windows } from "./windows";

export interface Situation {
  readonly window: string;
  readonly tabs: readonly Tab[];
  readonly active: string;
  readonly drafts: { readonly [tab: string]: DraftRef };
  readonly owed: readonly string[];
}

/** What is to be kept. Untouched tabs are not. */
export function recordsOf({ window, tabs, active, drafts, owed }: Situation): KeptTab[] {
  return tabs
    .filter((tab) => !isUntouched(tab))
    .map((tab, place) => ({
      id: tab.id,
      window,
      place,
      active: tab.id === active,
      doc: tab.doc,
      name: tab.name,
      version: tab.version,
      unsaved: isUnsaved(tab),
      draft: drafts[tab.id] ?? null,
      owed: owed.includes(tab.id),
    }));
}

/** What is to be written, where `before` was written last. */
export function changesOf(
  before: readonly KeptTab[],
  now: readonly KeptTab[],
): { readonly put: KeptTab[]; readonly drop: string[] } {
  const known = new Map(before.map((record) => [record.id, record]));
  const ids = new Set(now.map((record) => record.id));
  const put = now.filter((record) => {
    const old = known.get(record.id);
    if (old === undefined) return true;
    const keys = Object.keys(record) as (keyof KeptTab)[];
    return keys.some((key) => record[key] !== old[key]);
  });
  return { put, drop: before.map(({ id }) => id).filter((id) => !ids.has(id)) };
}

/**
 * What this window goes on with: its own tabs, and those of windows that are gone, of which only
 * unsaved ones where somebody works in another window already.
 */
export function inherited(records: readonly KeptTab[], windows: Windows): KeptTab[] {
  const { own, again, others } = windows;
  const mine = again ? records.filter(({ window }) => window === own) : [];
  const lost = records.filter((record) => {
    if (others === undefined || record.window === own || others.has(record.window)) return false;
    return record.unsaved || (mine.length === 0 && others.size === 0);
  });
  const bare = ({ doc, unsaved }: KeptTab) => !unsaved && Object.keys(nodesOf(doc)).length === 0;
  return [...mine, ...lost]
    .filter((record) => !bare(record))
    .sort((a, b) => Number(a.window !== own) - Number(b.window !== own) || a.place - b.place);
}

/**
 * Drafts that nobody has open: neither this window, whose tabs keep theirs under the keys `own`,
 * nor another one that is there. Whole keys count: two windows may have the same tab.
 */
export function leftOver(
  drafts: readonly DraftSummary[],
  own: readonly string[],
  records: readonly KeptTab[],
  { others }: Pick<Windows, "others">,
): DraftSummary[] {
  const theirs = records.filter(({ window }) => others?.has(window));
  const keys = theirs.map(({ id, name, draft }) => draft?.name ?? draftKey(id, name));
  const known = new Set([...own, ...keys]);
  return drafts.filter(({ name }) => !known.has(name));
}

/** A tab as it was; where it is unsaved there is no telling what it began with. */
export function tabOf({ id, doc, name, version, unsaved }: KeptTab): Partial<Tab> {
  const saved = unsaved || name === null ? null : doc;
  return { id, doc, name, version, saved, opened: unsaved ? null : doc };
}
