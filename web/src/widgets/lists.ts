/** Lists as lines of text, and back. */

import type { Widget } from "../graph/schema";
import type { Json } from "../graph/workflow";
import { shown } from "./checks";
import { readFigure } from "./numbers";

export function linesOf(value: Json | undefined): string {
  return Array.isArray(value) ? value.map(shown).join("\n") : "";
}

/** The list, or the first line that is none of its elements. */
export function evaluateLines(text: string, widget: Widget): { values: Json[]; bad?: string } {
  if (text === "") return { values: [] };
  const lines = text.replace(/\n$/, "").split("\n");
  if (widget.kind === "text_list") return { values: lines };
  const values: Json[] = [];
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const found = readFigure(line, widget);
    if (found === undefined) return { values: [], bad: line.trim() };
    values.push(found);
  }
  return { values };
}
