/** What commands are about: what is selected, and how large things are. */

import { flowInstance } from "../canvas/view";
import { framesOf, notesOf, type SizeOf } from "../graph/boxes";
import { HEADER, NODE_WIDTH, rowsOf } from "../graph/metrics";
import { bodyOf } from "../graph/path";
import { outputOf, portsOf } from "../graph/ports";
import type { Names } from "../graph/subgraph";
import type { Workflow } from "../graph/workflow";
import { nodesOf, placeOf } from "../graph/workflow";
import { openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select, useSelection } from "../store/selection";

/** Nodes, frames and notes; what undo has taken away is not among them. */
export function picked(doc: Workflow = openDoc()): Set<string> {
  const boxes = new Set([...framesOf(doc).keys(), ...notesOf(doc).keys()]);
  const { nodes } = useSelection.getState();
  return new Set([...nodes].filter((id) => id in nodesOf(doc) || boxes.has(id)));
}

export function pickedNodes(doc: Workflow = openDoc()): Set<string> {
  return new Set([...useSelection.getState().nodes].filter((id) => id in nodesOf(doc)));
}

export function pickedFrames(doc: Workflow = openDoc()): Set<string> {
  const frames = framesOf(doc);
  return new Set([...useSelection.getState().nodes].filter((id) => frames.has(id)));
}

export const hasPicked = () => picked().size > 0;
export const hasNodes = () => pickedNodes().size > 0;
export const hasFrames = () => pickedFrames().size > 0;

/** The only thing that is selected. */
export function single(): string | undefined {
  const all = picked();
  const [id] = all;
  return all.size === 1 ? id : undefined;
}

/** The only node that is selected, if it holds a workflow. */
export function singleSubgraph(): string | undefined {
  const id = single();
  return id !== undefined && bodyOf(openDoc(), id) ? id : undefined;
}

/** As the canvas draws nodes now; by their types where it does not draw them. */
export function sizes(doc: Workflow = openDoc()): SizeOf {
  const flow = flowInstance();
  const { catalogue } = useNodes.getState();
  return (id) => {
    const drawn = flow?.getNode(id);
    if (drawn?.width && drawn.height) return { width: drawn.width, height: drawn.height };
    if (catalogue === null) return { width: NODE_WIDTH, height: HEADER };
    return rowsOf(portsOf(doc, id, catalogue), placeOf(doc, id), false);
  };
}

/** What the catalogue knows of the nodes of a workflow. */
export function namesIn(doc: Workflow): Names {
  const { catalogue } = useNodes.getState();
  return {
    output: (node, output) => {
      const found = catalogue && outputOf(portsOf(doc, node, catalogue), output);
      return found?.name ?? output ?? "";
    },
    title: (node) => titleOf(doc, node),
  };
}

export function titleOf(doc: Workflow, id: string): string {
  const type = nodesOf(doc)[id]?.type ?? id;
  const { catalogue } = useNodes.getState();
  return placeOf(doc, id).title ?? catalogue?.find(type)?.display_name ?? type;
}

/** Selects all that is in the open workflow. */
export function selectAll(): void {
  const doc = openDoc();
  select([...Object.keys(nodesOf(doc)), ...framesOf(doc).keys(), ...notesOf(doc).keys()]);
}
