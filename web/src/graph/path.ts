/** Subgraphs: a path of node ids leads from the whole workflow to the body that is open. */

import { setInput } from "./edits";
import type { Json, Workflow } from "./workflow";
import { nodesOf } from "./workflow";

export type Path = readonly string[];

/** The body of a node, if it holds a workflow. */
export function bodyOf(doc: Workflow, id: string): Workflow | undefined {
  const body = nodesOf(doc)[id]?.inputs?.body;
  const isBody = typeof body === "object" && body !== null && "nodegraph" in body;
  return isBody ? (body as unknown as Workflow) : undefined;
}

/** What is open at a path; undefined if something on the way is gone. */
export function at(doc: Workflow, path: Path): Workflow | undefined {
  let here: Workflow | undefined = doc;
  for (const id of path) here = here && bodyOf(here, id);
  return here;
}

/** The whole workflow with what is open at a path changed. */
export function changeAt(
  doc: Workflow,
  path: Path,
  change: (open: Workflow) => Workflow,
): Workflow {
  const [first, ...rest] = path;
  if (first === undefined) return change(doc);
  const body = bodyOf(doc, first);
  if (body === undefined) return doc;
  const changed = changeAt(body, rest, change);
  return changed === body ? doc : setInput(doc, first, "body", changed as unknown as Json);
}
