/** Taking things away: nodes, links, frames and notes, with what would be left of them. */

import { changeFrames, changeNotes } from "./boxes";
import { disconnect, removeNodes, setLayout } from "./edits";
import type { Reroutes, Workflow } from "./workflow";
import { edgesOf, nodesOf, reroutesIn } from "./workflow";

/** Without what is picked and without some links; frames go alone, what lies on them stays. */
export function removed(
  doc: Workflow,
  picked: ReadonlySet<string>,
  links: ReadonlySet<string> = new Set(),
): Workflow {
  let made = doc;
  for (const edge of links.size > 0 ? edgesOf(doc) : []) {
    if (links.has(edge.id)) made = disconnect(made, edge.target, edge.input);
  }
  made = changeFrames(made, picked, () => undefined);
  made = changeNotes(made, picked, () => undefined);
  const nodes = new Set([...picked].filter((id) => id in nodesOf(doc)));
  if (nodes.size > 0) made = removeNodes(made, nodes);
  return tidied(made);
}

/** Without the reroutes of links that are not there. */
export function tidied(doc: Workflow): Workflow {
  const reroutes = reroutesIn(doc);
  const links = new Set(edgesOf(doc).map((edge) => edge.id));
  const kept = Object.entries(reroutes).filter(([id]) => links.has(id));
  if (kept.length === Object.keys(reroutes).length) return doc;
  const $reroutes: Reroutes | undefined = kept.length > 0 ? Object.fromEntries(kept) : undefined;
  return setLayout(doc, { $reroutes });
}
