/** How things look and whether they run: modes, collapsing, colours, titles, sizes. */

import { register } from "../commands/registry";
import { changeFrames, changeNotes, framesOf, notesOf } from "../graph/boxes";
import { setPlace } from "../graph/edits";
import { FRAME_LEAST } from "../graph/groups";
import { NODE_LEAST_WIDTH, NODE_WIDTH } from "../graph/metrics";
import { toggledMode } from "../graph/modes";
import { NOTE_LEAST } from "../graph/notes";
import type { Mode, Note, Workflow } from "../graph/workflow";
import { nodesOf, placeOf } from "../graph/workflow";
import { edit, openDoc } from "../store/documents";
import { hasNodes, hasPicked, picked, pickedNodes, single } from "./picked";
import { openDialog, write } from "./store";

/** On light and on dark ground; mixed with the ground, so that text stays readable. */
export const PALETTE = {
  red: "#d9534f",
  orange: "#e08a3c",
  yellow: "#d8b93a",
  green: "#4fa65b",
  teal: "#3aa6a0",
  blue: "#4a86d8",
  purple: "#8f68cf",
  pink: "#d067a5",
  grey: "#8a94a6",
} as const;

/** `undefined` takes the colour away. */
export function setColor(
  color: string | undefined,
  things: ReadonlySet<string> = picked(),
  merge?: string,
): void {
  edit("edit.color", (doc) => colored(doc, things, color), merge === undefined ? {} : { merge });
}

function colored(doc: Workflow, things: ReadonlySet<string>, color: string | undefined): Workflow {
  const set = <T extends { readonly color?: string }>({ color: _, ...one }: T) =>
    (color === undefined ? one : { ...one, color }) as T;
  let made = changeNotes(changeFrames(doc, things, set), things, set);
  for (const id of things) if (id in nodesOf(doc)) made = setPlace(made, id, { color });
  return made;
}

export function colorOf(doc: Workflow, id: string): string | undefined {
  const box = framesOf(doc).get(id) ?? notesOf(doc).get(id);
  return box ? box.color : placeOf(doc, id).color;
}

function toggleMode(mode: Mode): void {
  const ids = pickedNodes();
  edit(mode === "muted" ? "edit.mute" : "edit.bypass", (doc) => toggledMode(doc, ids, mode));
}

function toggleCollapsed(): void {
  const ids = pickedNodes();
  edit("edit.collapse", (doc) => {
    const all = [...ids].every((id) => placeOf(doc, id).collapsed);
    const change = { collapsed: all ? undefined : true };
    return [...ids].reduce((made, id) => setPlace(made, id, change), doc);
  });
}

/** The name that people see; empty: that of its type again. */
export function setTitle(id: string, title: string): void {
  edit("edit.rename", (doc) => {
    if (!(id in nodesOf(doc)))
      return changeFrames(doc, new Set([id]), (one) => ({ ...one, title }));
    const made = title.trim() || undefined;
    return placeOf(doc, id).title === made ? doc : setPlace(doc, id, { title: made });
  });
}

const STEP = 20;

function resize(by: number): void {
  const things = picked();
  edit("edit.resize", (doc) => resized(doc, things, by), {
    merge: `resize ${[...things].join(" ")}`,
  });
}

/** Nodes get wider; frames and notes grow both ways. */
function resized(doc: Workflow, things: ReadonlySet<string>, by: number): Workflow {
  const grow =
    (least: { readonly width: number; readonly height: number }) =>
    <T extends { readonly width: number; readonly height: number }>(one: T): T => ({
      ...one,
      width: Math.max(least.width, one.width + by),
      height: Math.max(least.height, one.height + by),
    });
  let made = changeFrames(doc, things, grow(FRAME_LEAST));
  made = changeNotes(made, things, grow(NOTE_LEAST));
  for (const id of things) {
    if (!(id in nodesOf(doc))) continue;
    const width = Math.max(NODE_LEAST_WIDTH, (placeOf(doc, id).width ?? NODE_WIDTH) + by);
    made = setPlace(made, id, { width });
  }
  return made;
}

register(
  { id: "node.mute", keys: "Mod+M", enabled: hasNodes, run: () => toggleMode("muted") },
  { id: "node.bypass", keys: "Mod+B", enabled: hasNodes, run: () => toggleMode("bypassed") },
  { id: "node.collapse", keys: "Alt+C", enabled: hasNodes, run: toggleCollapsed },
  {
    id: "node.rename",
    keys: "F2",
    enabled: () => single() !== undefined,
    run: () => write(single() ?? null),
  },
  {
    id: "node.color",
    keys: "Shift+K",
    enabled: hasPicked,
    run: () => openDialog({ kind: "color", picked: picked() }),
  },
  { id: "node.larger", keys: "Alt+.", enabled: hasPicked, run: () => resize(STEP) },
  { id: "node.smaller", keys: "Alt+,", enabled: hasPicked, run: () => resize(-STEP) },
);

/** The text of a note; typing it is one step. */
export function setText(id: string, text: string): void {
  const set = (one: Note) => (one.text === text ? one : { ...one, text });
  edit("edit.noteText", (doc) => changeNotes(doc, new Set([id]), set), { merge: `note ${id}` });
}

/** Where a frame or a note ends: drawn out by its corner. */
export function setBoxSize(id: string, width: number, height: number): void {
  const kind = framesOf(openDoc()).has(id) ? FRAME_LEAST : NOTE_LEAST;
  const size = { width: Math.max(kind.width, width), height: Math.max(kind.height, height) };
  const set = <T extends { readonly width: number; readonly height: number }>(one: T): T =>
    one.width === size.width && one.height === size.height ? one : { ...one, ...size };
  const only = new Set([id]);
  edit("edit.resize", (doc) => changeNotes(changeFrames(doc, only, set), only, set), {
    merge: `size ${id}`,
  });
}
