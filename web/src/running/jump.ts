/** Going to a node and a field of it, wherever they are: subgraphs on the way are opened. */

import { create } from "zustand";
import { at } from "../graph/path";
import { nodesOf } from "../graph/workflow";
import { activeTab, openPath } from "../store/documents";
import { select } from "../store/selection";
import { show } from "../store/view";

interface Jump {
  readonly node: string;
  readonly field: string | null;
  /** Grows with each jump, so that one to the same place is one more. */
  readonly number: number;
}

interface Jumps {
  readonly jump: Jump | null;
}

export const useJump = create<Jumps>(() => ({ jump: null }));

/** Ids may hold `/` themselves: the longest that is there counts. Undefined if nothing is. */
export function placeOfName(
  name: string,
  doc = activeTab().doc,
): { path: string[]; node: string } | undefined {
  const path: string[] = [];
  let rest = name;
  for (;;) {
    const here = at(doc, path);
    if (here === undefined) return undefined;
    if (rest in nodesOf(here)) return { path, node: rest };
    const outer = Object.keys(nodesOf(here))
      .filter((id) => rest.startsWith(`${id}/`) && at(doc, [...path, id]) !== undefined)
      .sort((a, b) => b.length - a.length)[0];
    if (outer === undefined) return undefined;
    path.push(outer);
    rest = rest.slice(outer.length + 1);
  }
}

/** Shows a node by its name in reports; whether it is there. */
export function jumpTo(name: string, field: string | null = null): boolean {
  const place = placeOfName(name);
  if (place === undefined) return false;
  const { path } = activeTab();
  show({ page: "graph" });
  if (path.join("/") !== place.path.join("/")) openPath(place.path);
  select([place.node]);
  useJump.setState(({ jump }) => ({
    jump: { node: place.node, field, number: (jump?.number ?? 0) + 1 },
  }));
  return true;
}
