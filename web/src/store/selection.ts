/**
 * What is selected on the canvas: nodes, links, frames and notes by their ids. Ids mean something
 * in one workflow or subgraph only, so nothing stays selected where another is shown.
 */

import { create } from "zustand";
import { activeTab, type Documents, useDocuments } from "./documents";

interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

export const useSelection = create<Selection>(() => ({ nodes: NONE, edges: NONE }));

export function select(nodes: Iterable<string>, edges: Iterable<string> = []): void {
  useSelection.setState({ nodes: new Set(nodes), edges: new Set(edges) });
}

export function selectedNodes(): ReadonlySet<string> {
  return useSelection.getState().nodes;
}

function shown(state: Documents): string {
  const { id, path } = activeTab(state);
  return JSON.stringify([id, ...path]);
}

useDocuments.subscribe((state, before) => {
  const { nodes, edges } = useSelection.getState();
  if (nodes.size + edges.size > 0 && shown(state) !== shown(before)) select([]);
});
