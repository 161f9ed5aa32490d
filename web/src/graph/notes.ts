/** Notes on the canvas. */

import { freshBoxes } from "./boxes";
import { type Point, setLayout } from "./edits";
import type { Made } from "./groups";
import type { Note, Workflow } from "./workflow";
import { notesIn } from "./workflow";

export const NOTE_SIZE = { width: 240, height: 140 };
export const NOTE_LEAST = { width: 100, height: 60 };

/** A new note, in Markdown. */
export function withNote(doc: Workflow, at: Point, text: string): Made {
  const id = freshBoxes(doc)("note");
  const note: Note = {
    id,
    x: Math.round(at.x),
    y: Math.round(at.y),
    ...NOTE_SIZE,
    text,
    markdown: true,
  };
  return { doc: setLayout(doc, { $notes: [...notesIn(doc), note] }), id };
}

/** Where a link of a note may lead; undefined for what would run a script or read a file. */
export function safeLink(href: string): string | undefined {
  try {
    const { protocol } = new URL(href);
    return ["https:", "http:", "mailto:"].includes(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}
