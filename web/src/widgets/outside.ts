/** Inside of a subgraph: the value of a field that is set outside, at a port of it. */

import { holderOf, valueAt } from "../graph/outside";
import type { Path } from "../graph/path";
import type { Json } from "../graph/workflow";
import { activeTab, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";

export interface Outside {
  readonly value: Json;
  /** The workflow in which it is set. */
  readonly path: Path;
}

/** Undefined where the field's own value counts. */
export function useOutside(node: string, input: string): Outside | undefined {
  const catalogue = useNodes((state) => state.catalogue);
  const find = () => {
    const { doc, path } = activeTab();
    if (path.length === 0) return undefined;
    const holder = holderOf(doc, { path, node, input }, catalogue);
    const value = valueAt(doc, holder);
    const isOutside = holder.path.length < path.length && value !== undefined;
    return isOutside ? { value, path: holder.path } : undefined;
  };
  // Drawn again when the value changes, not when anything does.
  const depth = useDocuments(() => find()?.path.length);
  const value = useDocuments(() => find()?.value);
  const path = activeTab().path.slice(0, depth);
  return depth === undefined || value === undefined ? undefined : { value, path };
}
