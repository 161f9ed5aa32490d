/** What the screen is like, followed as it changes. */

import { useSyncExternalStore } from "react";

export const PHONE = "(max-width: 720px)";
export const NARROW = "(max-width: 1100px)";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => matchMedia(query).matches,
  );
}
