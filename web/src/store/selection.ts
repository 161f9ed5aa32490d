/** What is selected on the canvas: nodes, links, frames and notes by their ids. */

import { create } from "zustand";

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
