/** Tabs whose workflow was deleted: what they hold is theirs alone, and unsaved. */

import type { Tab } from "../store/documents";
import { updateTab, useDocuments } from "../store/documents";

export const UNNAMED = { name: null, version: null, saved: null, opened: null } as const;

/** Takes the name from each tab that has it; returns those. */
export function withoutName(
  name: string,
  which: (tab: Tab) => boolean = () => true,
): readonly Tab[] {
  const found = useDocuments.getState().tabs.filter((tab) => tab.name === name && which(tab));
  for (const { id } of found) updateTab(id, (tab) => ({ ...tab, ...UNNAMED }));
  return found;
}
