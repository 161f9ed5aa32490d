/** What the server refused at an input when the tab was last submitted, until the value changes. */

import { holderOf, valueAt } from "../graph/outside";
import type { InputSchema } from "../graph/schema";
import type { Json, Workflow } from "../graph/workflow";
import { activeTab, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { type Problem, useRuns } from "../store/runs";
import { near } from "./checks";
import { isFigure, readFigure } from "./numbers";

/** The workflow that a list of problems is of. */
const found = new WeakMap<readonly Problem[], Workflow>();

useRuns.subscribe(({ problems }, before) => {
  if (problems === before.problems) return;
  for (const { id, doc } of useDocuments.getState().tabs) {
    const list = problems[id];
    if (list && list !== before.problems[id]) found.set(list, doc);
  }
});

/** The problem of an input of the open workflow, as long as the input is as it was then. */
export function useProblem(node: string, name: string, value: Json | undefined) {
  const tab = useDocuments((state) => activeTab(state).id);
  const path = useDocuments((state) => activeTab(state).path);
  return useRuns((state) => {
    const list = state.problems[tab];
    if (list === undefined || list.length === 0) return undefined;
    const id = [...path, node].join("/");
    const problem = list.find((one) => one.node === id && one.field === name);
    if (problem === undefined) return undefined;
    const doc = found.get(list);
    if (doc === undefined) return problem;
    const then = holderOf(doc, { path, node, input: name }, useNodes.getState().catalogue);
    return valueAt(doc, then) === value ? problem : undefined;
  });
}

/** The value that the server would take in place of the refused one, as far as it says. */
export function fixOf({ nearest }: Problem, { widget }: InputSchema): Json | undefined {
  if (nearest === null || widget === undefined) return undefined;
  if (widget.kind === "choice") return near(nearest, widget.options ?? []);
  if (["model", "file", "text"].includes(widget.kind)) return nearest;
  const figure = readFigure(nearest, widget);
  return isFigure(figure) ? figure : undefined;
}
