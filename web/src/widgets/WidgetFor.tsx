/** The widget of an input, chosen by its kind. */

import type { InputSchema } from "../graph/schema";
import type { Json } from "../graph/workflow";

export interface WidgetProps {
  readonly node: string;
  readonly input: InputSchema;
  /** What the workflow holds; undefined where the default holds, a link where it is linked. */
  readonly value: Json | undefined;
}

export function WidgetFor({ input, value }: WidgetProps) {
  const shown = value === undefined ? input.default : value;
  return (
    <span className="widget-plain">
      {input.name}: {typeof shown === "object" ? "…" : `${shown}`}
    </span>
  );
}
