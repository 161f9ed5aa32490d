/** What was chosen lately, kept in this browser: it comes first the next time. */

import { create } from "zustand";
import { persist } from "zustand/middleware";

type Kind = "nodes" | "commands";

interface Recent {
  readonly nodes: readonly string[];
  readonly commands: readonly string[];
}

const KEPT = 12;
/** So that it comes first among what was found alike, and not before better finds. */
const BONUS = 9;

export const useRecent = create<Recent>()(
  persist((): Recent => ({ nodes: [], commands: [] }), {
    name: "nodegraph.recent",
    version: 1,
  }),
);

export function chose(kind: Kind, id: string): void {
  useRecent.setState((state) => ({
    [kind]: [id, ...state[kind].filter((one) => one !== id)].slice(0, KEPT),
  }));
}

/** What a thing gains in a search for being used lately. */
export function recentBonus(recent: readonly string[], id: string): number {
  const place = recent.indexOf(id);
  return place < 0 ? 0 : BONUS * (1 - place / KEPT);
}
