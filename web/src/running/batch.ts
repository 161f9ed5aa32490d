/** Running the open workflow many times, with seeds that change. */

import { create } from "zustand";
import { activeTab } from "../store/documents";
import { useNodes } from "../store/nodes";
import { toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { type SeedChange, type SeedField, seedFields, seedKey, variations } from "./seeds";
import { submit } from "./submit";

export const MOST_RUNS = 100;

/** Whether so many runs can be queued at once. */
export function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= MOST_RUNS;
}

interface Batch {
  /** Whether the window with its settings is open. */
  readonly open: boolean;
  readonly count: number;
  /** Field -> how it changes; what is not in it is drawn anew. */
  readonly changes: { readonly [field: string]: SeedChange };
}

export const useBatch = create<Batch>(() => ({ open: false, count: 4, changes: {} }));

export function changeOf(field: SeedField): SeedChange {
  return useBatch.getState().changes[seedKey(field)] ?? "random";
}

export function setChange(field: SeedField, change: SeedChange): void {
  useBatch.setState(({ changes }) => ({ changes: { ...changes, [seedKey(field)]: change } }));
}

/** Submits the open workflow `count` times, each a job of its own; stops at the first refusal. */
export async function runMany(): Promise<void> {
  const tab = activeTab();
  const catalogue = useNodes.getState().catalogue;
  if (catalogue === null) return;
  const { count } = useBatch.getState();
  if (!isCount(count)) return;
  const fields = seedFields(tab.doc, catalogue);
  useBatch.setState({ open: false });
  let queued = 0;
  for (const doc of variations(tab.doc, fields, changeOf, count)) {
    if ((await submit(tab, { doc })) === undefined) break;
    queued += 1;
  }
  if (queued > 0) toast({ kind: "info", text: t("running.queued", { count: queued }) });
}
