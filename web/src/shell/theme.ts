/** Light, dark or high contrast, as chosen or as the system asks; and the language of the page. */

import { type Settings, useSettings } from "../store/settings";

const DARK = "(prefers-color-scheme: dark)";
const CONTRAST = "(prefers-contrast: more)";

/** Follows the settings and the system until the returned function is called. */
export function followTheme(): () => void {
  const queries = [DARK, CONTRAST].map((query) => matchMedia(query));
  const apply = () => applyLook(useSettings.getState());
  apply();
  for (const query of queries) query.addEventListener("change", apply);
  const forget = useSettings.subscribe(apply);
  return () => {
    forget();
    for (const query of queries) query.removeEventListener("change", apply);
  };
}

export function applyLook({ theme, language }: Settings): void {
  const root = document.documentElement;
  root.dataset.theme = theme === "system" ? asked() : theme;
  root.lang = language;
}

function asked(): string {
  if (matchMedia(CONTRAST).matches) return "contrast";
  return matchMedia(DARK).matches ? "dark" : "light";
}
