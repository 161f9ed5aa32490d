/** Frames and notes: made, fitted to what they hold. */

import { middle } from "../canvas/view";
import { announce } from "../commands/announce";
import { register } from "../commands/registry";
import type { Point } from "../graph/edits";
import { fitted, framed, withFrame } from "../graph/groups";
import { NOTE_SIZE, withNote } from "../graph/notes";
import { pointerOnCanvas } from "../palette/pointer";
import { edit, openDoc } from "../store/documents";
import { select } from "../store/selection";
import { t } from "../text/catalogue";
import { hasFrames, picked, pickedFrames, sizes } from "./picked";
import { write } from "./store";

const EMPTY_FRAME = { width: 400, height: 280 };

/** Around what is selected, or an empty one; its title can be typed at once. */
export function addFrame(at?: Point): void {
  const doc = openDoc();
  const title = t("editing.frame");
  const corner = at ?? pointerOnCanvas() ?? middle();
  const rect = { x: Math.round(corner.x), y: Math.round(corner.y), ...EMPTY_FRAME };
  const made = framed(doc, picked(), title, sizes()) ?? withFrame(doc, rect, title);
  edit("edit.frame", () => made.doc);
  select([made.id]);
  write(made.id);
}

export function addNote(at?: Point): void {
  const corner = at ?? pointerOnCanvas() ?? centred();
  const made = withNote(openDoc(), corner, "");
  edit("edit.note", () => made.doc);
  select([made.id]);
  write(made.id);
}

function centred(): Point {
  const { x, y } = middle();
  return { x: x - NOTE_SIZE.width / 2, y: y - NOTE_SIZE.height / 2 };
}

function fit(): void {
  const frames = pickedFrames();
  const sizeOf = sizes();
  edit("edit.fitFrame", (doc) => fitted(doc, frames, sizeOf));
  announce(t("command.graph.fitFrame"));
}

register(
  { id: "graph.frame", keys: "Mod+G", run: () => addFrame() },
  { id: "graph.fitFrame", keys: "Shift+G", enabled: hasFrames, run: fit },
  { id: "graph.note", keys: "N", run: () => addNote() },
);
