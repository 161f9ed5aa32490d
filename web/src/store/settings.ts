/** What a person chose for this browser; kept in its storage. */

import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Theme = "system" | "light" | "dark" | "contrast";
export type Language = "en" | "de";

export interface Settings {
  readonly theme: Theme;
  readonly language: Language;
  readonly snap: boolean;
  readonly minimap: boolean;
  /** Of the side panel, in pixels. */
  readonly panelWidth: number;
  /** Command id -> the keys a person chose for it. */
  readonly shortcuts: { readonly [command: string]: string };
}

function preferred(): Language {
  return typeof navigator !== "undefined" && navigator.language.startsWith("de") ? "de" : "en";
}

export const useSettings = create<Settings>()(
  persist(
    (): Settings => ({
      theme: "system",
      language: preferred(),
      snap: true,
      minimap: true,
      panelWidth: 320,
      shortcuts: {},
    }),
    { name: "nodegraph.settings", version: 1 },
  ),
);

/** Takes what was chosen in another window, until the returned function is called. */
export function followSettings(): () => void {
  const take = ({ key }: StorageEvent) => {
    if (key === useSettings.persist.getOptions().name) void useSettings.persist.rehydrate();
  };
  window.addEventListener("storage", take);
  return () => window.removeEventListener("storage", take);
}

export function changeSettings(change: Partial<Settings>): void {
  useSettings.setState(change);
}
