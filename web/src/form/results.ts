/** What a run made, by the declared output that it belongs to. */

import { declaredOf, descriptionOf, titleOf } from "../graph/declared";
import type { Workflow } from "../graph/workflow";
import { isDone, type Output, type Run } from "../store/runs";

export interface ResultGroup {
  readonly name: string;
  /** Empty where there is nothing to tell apart. */
  readonly title: string;
  readonly description: string;
  readonly outputs: readonly Output[];
}

/** All that was kept, where the workflow declares no output or none of the declared ones is there. */
export function resultsOf(doc: Workflow, run: Run): ResultGroup[] {
  const kept = run.outputs.filter((output) => !output.temporary);
  const groups = declaredOf(doc, "outputs")
    .map(([name, ref]) => ({
      name,
      title: titleOf(name, ref),
      description: descriptionOf(ref),
      outputs: kept.filter((output) => isOf(output, ref.node)),
    }))
    .filter((group) => group.outputs.length > 0);
  if (groups.length > 0) return groups;
  const all = kept.length > 0 ? kept : run.outputs;
  return all.length > 0 ? [{ name: "", title: "", description: "", outputs: all }] : [];
}

/** The picture to show small beside the button: what is being made, or else what was made. */
export function glimpseOf(doc: Workflow, run: Run): string | undefined {
  if (run.preview && !isDone(run)) return run.preview.url;
  const made = resultsOf(doc, run).flatMap(({ outputs }) => outputs);
  const picture = made.find(({ content_type }) => content_type.startsWith("image/"));
  return picture && (picture.thumbnail_url ?? picture.url);
}

/** Nodes of a subgraph are reported under its id. */
function isOf(output: Output, node: string): boolean {
  return output.node_id === node || output.node_id.startsWith(`${node}/`);
}
