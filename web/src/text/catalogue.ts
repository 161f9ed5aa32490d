/** Every text of the editor, in two languages; each part keeps its own in a file beside this. */

import type { Language } from "../store/settings";
import { useSettings } from "../store/settings";
import { canvas } from "./canvas";
import { common } from "./common";
import { connect } from "./connect";
import { editing } from "./editing";
import { form } from "./form";
import { keeping } from "./keeping";
import { keys } from "./keys";
import { palette } from "./palette";
import { panels } from "./panels";
import { problems } from "./problems";
import { running } from "./running";
import { shell } from "./shell";
import { templates } from "./templates";
import { viewer } from "./viewer";
import { widgets } from "./widgets";

/** Texts of one part: every key in every language. `{name}` is filled in. */
export type Texts = { readonly [key: string]: { readonly [language in Language]: string } };

const ALL: Texts = {
  ...common,
  ...editing,
  ...connect,
  ...palette,
  ...canvas,
  ...form,
  ...keeping,
  ...keys,
  ...panels,
  ...problems,
  ...running,
  ...shell,
  ...templates,
  ...viewer,
  ...widgets,
};

/** The text under a key in a language. The key itself where there is none, so that it shows. */
export function textIn(language: Language, key: string, values: Values = {}): string {
  const text = ALL[key]?.[language] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => `${values[name] ?? whole}`);
}

export type Values = { readonly [name: string]: string | number };

/** For components: `const t = useText(); t("common.close")`. */
export function useText(): (key: string, values?: Values) => string {
  const language = useSettings((state) => state.language);
  return (key, values) => textIn(language, key, values);
}

/** For code outside of components. */
export function t(key: string, values?: Values): string {
  return textIn(useSettings.getState().language, key, values);
}

export function allTexts(): Texts {
  return ALL;
}
