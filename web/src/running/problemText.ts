/** What is wrong, in the language of the page: from code and fields, or else as the server said. */

import type { Problem } from "../store/runs";
import { type Language, useSettings } from "../store/settings";
import { allTexts, textIn } from "../text/catalogue";

/** The server speaks it, and says more than its codes do. */
const ITS_OWN = "en";

export function problemText(problem: Problem, language = useSettings.getState().language): string {
  const key = `problem.${problem.code}`;
  if (language === ITS_OWN || !(key in allTexts())) return problem.message;
  const { node, field, expected, got, nearest } = problem;
  const given = Object.entries({ node, field, expected, got, nearest }).filter(
    (entry): entry is [string, string] => entry[1] !== null && entry[1] !== "",
  );
  if (isUnfilled(key, language, given)) return problem.message;
  return textIn(language, key, Object.fromEntries(given));
}

/** Whether a text asks for a field that the problem has not. */
function isUnfilled(
  key: string,
  language: Language,
  given: readonly (readonly [string, string])[],
): boolean {
  const names = new Set(given.map(([name]) => name));
  const asked = [...textIn(language, key).matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  return asked.some((name) => !names.has(name));
}
