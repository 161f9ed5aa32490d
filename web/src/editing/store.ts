/** What is open of the editing tools: a title that is typed, a menu, a dialog. */

import { create } from "zustand";
import type { MenuRequest } from "../canvas/menus";
import type { Point } from "../graph/edits";
import type { Path } from "../graph/path";
import type { Workflow } from "../graph/workflow";

export type EditDialog =
  /** The ports of a subgraph that stands in the workflow at a path. */
  | { readonly kind: "ports"; readonly path: Path; readonly node: string }
  | { readonly kind: "color"; readonly picked: ReadonlySet<string> }
  | { readonly kind: "reusable"; readonly node: string }
  /** A whole workflow was pasted: it may be meant for a tab of its own. */
  | { readonly kind: "paste"; readonly clip: Workflow; readonly at: Point };

interface Editing {
  /** The node whose title, the frame whose title or the note whose text is being written. */
  readonly writing: string | null;
  readonly menu: MenuRequest | null;
  readonly dialog: EditDialog | null;
}

export const useEditing = create<Editing>(() => ({ writing: null, menu: null, dialog: null }));

export function write(id: string | null): void {
  useEditing.setState({ writing: id });
}

export function openDialog(dialog: EditDialog | null): void {
  useEditing.setState({ dialog });
}
