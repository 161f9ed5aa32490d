/** Copy, cut, paste and duplicate; nodes travel as JSON between tabs, browsers and programs. */

import { middle } from "../canvas/view";
import { announce } from "../commands/announce";
import { pressed } from "../commands/keys";
import { register } from "../commands/registry";
import { clipIn, clipOf, copied, pasted } from "../graph/clipboard";
import type { Point } from "../graph/edits";
import { withContents } from "../graph/groups";
import { parseJson, writeJson } from "../graph/json";
import type { Workflow } from "../graph/workflow";
import { framesIn, nodesOf, notesIn, placeOf } from "../graph/workflow";
import { openFiles } from "../keeping/opening";
import { pointerOnCanvas } from "../palette/pointer";
import { activeTab, edit, openDoc, openUnsaved } from "../store/documents";
import { select } from "../store/selection";
import { toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { deleteSelection } from "./deleting";
import { hasPicked, picked, sizes } from "./picked";
import { openDialog } from "./store";
import { readText, writeText } from "./system";

/** How far a copy lies from what it is a copy of. */
const ASIDE = 40;

/** With frames goes what lies on them. */
function taken(): Set<string> {
  return withContents(openDoc(), picked(), sizes());
}

async function copy(): Promise<void> {
  const ids = taken();
  await writeText(copied(openDoc(), ids));
  announce(t("editing.copied", { count: ids.size }));
}

async function cut(): Promise<void> {
  await copy();
  select(taken());
  deleteSelection();
}

/** The whole workflow, for where nothing is selected. */
async function copyJson(): Promise<void> {
  const text = hasPicked() ? copied(openDoc(), taken()) : writeJson(activeTab().doc, 1);
  await writeText(text);
  toast({ kind: "success", text: t("editing.copiedJson") });
}

/** Puts a clip on the canvas and selects it. */
export function insert(clip: Workflow, at: Point, links: boolean, label = "edit.paste"): void {
  const made = pasted(openDoc(), clip, at, links);
  edit(label, () => made.doc);
  select(made.ids);
  announce(t("editing.pasted", { count: made.ids.length }));
}

let lastPaste: { readonly text: string; readonly at: Point } | null = null;

/** Where the pointer is; a second time there, a bit aside, so that nothing is hidden. */
function placeFor(text: string): Point {
  let at = pointerOnCanvas() ?? middle();
  const before = lastPaste;
  const near = (one: Point) => Math.abs(one.x - at.x) + Math.abs(one.y - at.y) < ASIDE;
  if (before?.text === text && near(before.at)) {
    at = { x: before.at.x + ASIDE, y: before.at.y + ASIDE };
  }
  lastPaste = { text, at };
  return at;
}

/** Says whether the text was something to paste here. */
export function pasteText(text: string, links: boolean): boolean {
  const clip = clipIn(text);
  if (clip === undefined) return pasteForeign(text);
  const at = placeFor(text);
  if (clip.clip || Object.keys(nodesOf(clip)).length === 0) insert(clip, at, links);
  else openDialog({ kind: "paste", clip, at });
  return true;
}

/** Workflows of other programs are opened as their files are. */
function pasteForeign(text: string): boolean {
  if (!text.trimStart().startsWith("{")) return false;
  try {
    parseJson(text);
  } catch {
    return false;
  }
  // The clipboard soon holds something else.
  void openFiles([new File([text], `${t("editing.clipboard")}.json`)], openUnsaved);
  return true;
}

async function paste(links: boolean): Promise<void> {
  const text = await readText();
  if (!pasteText(text, links)) toast({ kind: "info", text: t("editing.nothingToPaste") });
}

function duplicate(links: boolean): void {
  const clip = clipOf(openDoc(), taken());
  const places = Object.keys(nodesOf(clip)).map((id) => placeOf(clip, id));
  const boxes = [...framesIn(clip), ...notesIn(clip)];
  const all = [...places, ...boxes];
  const at = {
    x: Math.min(...all.map(({ x = 0 }) => x)) + ASIDE,
    y: Math.min(...all.map(({ y = 0 }) => y)) + ASIDE,
  };
  insert(clip, at, links, "edit.duplicate");
}

/** Words that somebody marked are what is to be copied. */
const noWords = () => document.getSelection()?.isCollapsed !== false;

/** The browser answers these keys with a `paste` event, which needs no leave to read. */
const notByEvent = (event: KeyboardEvent) =>
  !["Mod+V", "Mod+Shift+V"].includes(pressed(event) ?? "");

register(
  { id: "edit.cut", keys: "Mod+X", enabled: hasPicked, when: noWords, run: cut },
  { id: "edit.copy", keys: "Mod+C", enabled: hasPicked, when: noWords, run: copy },
  { id: "edit.paste", keys: "Mod+V", when: notByEvent, run: () => paste(false) },
  { id: "edit.pasteLinked", keys: "Mod+Shift+V", when: notByEvent, run: () => paste(true) },
  { id: "edit.duplicate", keys: "Mod+D", enabled: hasPicked, run: () => duplicate(false) },
  {
    id: "edit.duplicateLinked",
    keys: "Mod+Shift+D",
    enabled: hasPicked,
    run: () => duplicate(true),
  },
  { id: "edit.copyJson", keys: "Mod+Alt+C", run: copyJson },
);
