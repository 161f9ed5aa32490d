/** Deleting what is selected: alone, with what it held, or so that links go on past it. */

import { announce } from "../commands/announce";
import { register } from "../commands/registry";
import { removedWithContents } from "../graph/groups";
import { removedJoined } from "../graph/modes";
import { removed } from "../graph/removing";
import { edit } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select, useSelection } from "../store/selection";
import { t } from "../text/catalogue";
import { hasFrames, hasNodes, hasPicked, picked, pickedFrames, pickedNodes, sizes } from "./picked";

/** Says what was done, and gives the focus back to the canvas: what had it is gone. */
function gone(count: number): void {
  select([]);
  announce(t("editing.deleted", { count }));
  document.querySelector<HTMLElement>(".react-flow")?.focus({ preventScroll: true });
}

export function deleteSelection(): void {
  const things = picked();
  const { edges } = useSelection.getState();
  edit("edit.delete", (doc) => removed(doc, things, edges));
  gone(things.size + edges.size);
}

function deleteJoined(): void {
  const { catalogue } = useNodes.getState();
  const things = picked();
  if (catalogue) edit("edit.deleteJoined", (doc) => removedJoined(doc, things, catalogue));
  gone(things.size);
}

function deleteWithContents(): void {
  const frames = pickedFrames();
  const sizeOf = sizes();
  edit("edit.deleteContents", (doc) => removedWithContents(doc, frames, sizeOf));
  gone(frames.size);
}

register(
  {
    id: "edit.delete",
    keys: "Delete Backspace",
    enabled: () => hasPicked() || useSelection.getState().edges.size > 0,
    run: deleteSelection,
  },
  {
    id: "edit.deleteJoined",
    keys: "Mod+Delete Mod+Backspace",
    enabled: hasNodes,
    run: deleteJoined,
  },
  {
    id: "edit.deleteContents",
    keys: "Shift+Delete",
    enabled: () => hasFrames() && pickedNodes().size === 0,
    run: deleteWithContents,
  },
);
