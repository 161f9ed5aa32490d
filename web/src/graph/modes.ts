/** Muted and bypassed nodes, and taking nodes out so that links go on past them. */

import { setInput, updateNode } from "./edits";
import { handedOn } from "./passing";
import { at, type Path } from "./path";
import { removed } from "./removing";
import type { Catalogue } from "./schema";
import type { Json, Link, Mode, Workflow } from "./workflow";
import { edgesOf, nodesOf } from "./workflow";

/** Gives nodes a mode, or takes it from them if all have it. */
export function toggledMode(doc: Workflow, ids: ReadonlySet<string>, mode: Mode): Workflow {
  const nodes = [...ids].filter((id) => id in nodesOf(doc));
  const wanted = nodes.every((id) => nodesOf(doc)[id]?.mode === mode) ? undefined : mode;
  return nodes.reduce((made, id) => withMode(made, id, wanted), doc);
}

/** Whether a node of the workflow that is open at a path never runs: its mode, or one around it. */
export function isLeftOut(doc: Workflow, path: Path, id: string): boolean {
  return [...path, id].some((step, depth) => {
    const around = at(doc, path.slice(0, depth));
    return around !== undefined && nodesOf(around)[step]?.mode !== undefined;
  });
}

export function withMode(doc: Workflow, id: string, mode: Mode | undefined): Workflow {
  if (nodesOf(doc)[id]?.mode === mode) return doc;
  return updateNode(doc, id, ({ mode: _, ...entry }) => (mode ? { ...entry, mode } : entry));
}

/** Without some nodes; what they were given goes on to those that took the same from them. */
export function removedJoined(
  doc: Workflow,
  picked: ReadonlySet<string>,
  catalogue: Catalogue,
): Workflow {
  return removed(linkedPast(doc, picked, catalogue), picked);
}

/** What took something from a node takes what that hands on, declared outputs as well. */
export function joinedPast(doc: Workflow, id: string, catalogue: Catalogue): Workflow {
  const picked = new Set([id]);
  const outputs = Object.entries(doc.outputs ?? {}).map(([name, ref]) => {
    const { output, ...rest } = ref;
    const link = ref.node === id ? pastAll(doc, ref, picked, catalogue) : undefined;
    return [name, link ? { ...rest, ...link } : ref];
  });
  const made = linkedPast(doc, picked, catalogue);
  return doc.outputs ? { ...made, outputs: Object.fromEntries(outputs) } : made;
}

function linkedPast(doc: Workflow, picked: ReadonlySet<string>, catalogue: Catalogue): Workflow {
  let made = doc;
  for (const { source, output, target, input } of edgesOf(doc)) {
    if (picked.has(target) || !picked.has(source)) continue;
    const from = { node: source, ...(output !== undefined && { output }) };
    const link = pastAll(doc, from, picked, catalogue);
    if (link) made = setInput(made, target, input, { ...link } as Json);
  }
  return made;
}

/** What a link carries once all picked nodes on its way are seen through. */
function pastAll(
  doc: Workflow,
  link: Link,
  picked: ReadonlySet<string>,
  catalogue: Catalogue,
): Link | undefined {
  const passed = new Set<string>();
  let here: Link | undefined = link;
  while (here && picked.has(here.node)) {
    if (passed.has(here.node)) return undefined;
    passed.add(here.node);
    here = handedOn(doc, here, catalogue);
  }
  return here;
}
