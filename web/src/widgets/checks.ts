/** What is wrong with a value where it stands, as the server would find; and what is right. */

import { RANDOM } from "../graph/drawn";
import type { InputSchema, Widget } from "../graph/schema";
import type { Json } from "../graph/workflow";
import type { Values } from "../text/catalogue";
import { clamped, isFigure, isWhole, showFigure, takesWhole } from "./numbers";

export interface Fault {
  /** A key of the text catalogue. */
  readonly key: string;
  readonly values?: Values;
  /** The nearest value that is right. */
  readonly nearest?: Json | undefined;
}

/** Undefined where nothing is wrong. Models and files are looked up elsewhere. */
export function faultOf(input: InputSchema, value: Json | undefined): Fault | undefined {
  const widget = input.widget;
  if (widget === undefined || value === undefined) return undefined;
  if (value === null && input.optional) return undefined;
  return CHECKS[widget.kind]?.(value, widget);
}

type Check = (value: Json, widget: Widget) => Fault | undefined;

const CHECKS: { readonly [kind: string]: Check } = {
  int: figureFault,
  float: figureFault,
  seed: (value, widget) => (value === RANDOM ? undefined : figureFault(value, widget)),
  bool: (value) =>
    typeof value === "boolean" ? undefined : { key: "widgets.fault.bool", nearest: Boolean(value) },
  text: textFault,
  model: textFault,
  file: textFault,
  secret: textFault,
  choice: (value, { options = [] }) =>
    options.includes(value)
      ? undefined
      : {
          key: "widgets.fault.choice",
          values: { value: shown(value) },
          nearest: near(value, options),
        },
  text_list: listFault((value) => typeof value === "string"),
  float_list: listFault(isFigure),
  int_list: listFault((value) => isFigure(value) && isWhole(value)),
  bool_list: listFault((value) => typeof value === "boolean"),
};

function figureFault(value: Json, widget: Widget): Fault | undefined {
  if (!isFigure(value)) return { key: "widgets.fault.number", values: { value: shown(value) } };
  if (takesWhole(widget) && !isWhole(value)) {
    const nearest = clamped(Math.round(Number(value)), widget);
    return { key: "widgets.fault.whole", nearest };
  }
  const nearest = clamped(value, widget);
  return nearest === value ? undefined : { ...rangeFault(widget), nearest };
}

function rangeFault({ min, max }: Widget): Fault {
  const [low, high] = [showFigure(min), showFigure(max)];
  if (high === "") return { key: "widgets.fault.least", values: { min: low } };
  if (low === "") return { key: "widgets.fault.most", values: { max: high } };
  return { key: "widgets.fault.range", values: { min: low, max: high } };
}

function textFault(value: Json): Fault | undefined {
  if (typeof value === "string") return undefined;
  return { key: "widgets.fault.text", values: { value: shown(value) }, nearest: shown(value) };
}

function listFault(fits: (value: Json) => boolean): Check {
  return (value) =>
    Array.isArray(value) && value.every(fits) ? undefined : { key: "widgets.fault.list" };
}

/** The option that is written most like a value; undefined where none is like it. */
export function near(value: Json, options: readonly Json[]): Json | undefined {
  const wanted = shown(value).toLowerCase();
  const ranked = options
    .map((option) => ({ option, far: distance(wanted, shown(option).toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best && best.far <= Math.max(2, wanted.length / 2) ? best.option : undefined;
}

export function shown(value: Json): string {
  if (typeof value === "object" && value !== null) return JSON.stringify(value, plainBig);
  return String(value);
}

function plainBig(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

/** How many signs to put in, take out or change (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
