/** What the widget of every kind is given, and how the value of an input is kept in the file. */

import type { InputSchema, Widget } from "../graph/schema";
import type { Json } from "../graph/workflow";

export interface WidgetProps {
  readonly node: string;
  readonly input: InputSchema;
  /** What the workflow holds; undefined where the default holds, a link where it is linked. */
  readonly value: Json | undefined;
  /** What it is called where it does not stand in its node; the name of the input if left out. */
  readonly label?: string;
}

/** Attributes of the element that has the focus: its name is that of the input. */
export interface Spoken {
  readonly "aria-label": string;
  readonly "aria-description": string | undefined;
  readonly "aria-invalid": boolean | undefined;
}

export interface KindProps {
  readonly node: string;
  readonly input: InputSchema;
  readonly widget: Widget;
  /** What holds: the literal or the default; undefined where there is neither. */
  readonly value: Json | undefined;
  /** Takes part in one step of the history with the changes before, until `done`. */
  readonly change: (value: Json) => void;
  readonly done: () => void;
  readonly spoken: Spoken;
}

const COLOR = /^#[0-9a-f]{6}$/i;

/** Which widget an input is shown with. */
export function kindOf(input: InputSchema): string {
  const widget = input.widget ?? { kind: "json" };
  if (widget.kind !== "text") return widget.kind;
  if (widget.multiline) return "multiline";
  return typeof input.default === "string" && COLOR.test(input.default) ? "color" : "text";
}

export function isColor(value: Json | undefined): value is string {
  return typeof value === "string" && COLOR.test(value);
}
