/** Saving tabs as versions of workflows. Nothing that somebody else saved is overwritten unseen. */

import { ApiError } from "../api/client";
import {
  listWorkflows,
  loadWorkflow,
  moveWorkflow,
  type Saved,
  type SavedWorkflow,
  saveWorkflow,
} from "../api/workflows";
import type { Workflow } from "../graph/workflow";
import {
  closeTab,
  findTab,
  isUnsaved,
  type Tab,
  updateTab,
  useDocuments,
} from "../store/documents";
import { dismiss, tellError, toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { same } from "./compare";
import { spare } from "./removal";
import { ask, changed, type Theirs, useKeeping } from "./store";
import { UNNAMED, withoutName } from "./unnamed";

/** What became of a request to save. `later`: the server is away; `asked`: a dialog is open. */
export type Outcome =
  | "saved"
  | "later"
  | "asked"
  | { readonly refused: string }
  | { readonly taken: Theirs };

const running = new Map<string, Promise<unknown>>();
/** The server may miss one request and be heard all the while: nothing else would try again. */
const AGAIN_MS = 3000;
let again: ReturnType<typeof setTimeout> | undefined;
let paying: Promise<void> | undefined;
/** The message of the last saving; one of them says enough. */
let lastSaved = 0;

/** Saves a tab under its name, or asks for one. */
export async function save(id: string): Promise<Outcome> {
  const tab = findTab(id);
  if (tab === undefined) return { refused: "" };
  if (tab.name === null) {
    ask({ kind: "saveAs", tab: id, close: false });
    return "asked";
  }
  return told(id, await inTurn(id, (now) => store(now, now.name ?? "", now.version)));
}

/** Saves a tab under another name. `over`: the version there that is known; null for none. */
export async function saveAs(id: string, name: string, over: number | null): Promise<Outcome> {
  const outcome = await inTurn(id, (tab) => store(tab, name, over));
  return outcome === "saved" || outcome === "later" ? told(id, outcome) : outcome;
}

/** Saves over what somebody else saved: theirs stays as the version before. */
export async function keepMine(id: string, theirs: Theirs): Promise<Outcome> {
  const base = theirs.document === null ? null : theirs.version;
  return told(id, await inTurn(id, (tab) => store(tab, tab.name ?? "", base)));
}

/** Shows a tab beside what somebody else saved meanwhile, before it is saved. */
export async function compareWithNewest({ id, name }: Tab): Promise<void> {
  if (name === null) return;
  try {
    ask({ kind: "conflict", tab: id, theirs: await loadWorkflow(name) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tellError(error);
  }
}

/** Goes on with what somebody else saved; undo brings back one's own. */
export function takeTheirs(id: string, theirs: Theirs): void {
  const { document: doc, version } = theirs;
  if (doc === null) {
    updateTab(id, (tab) => ({ ...tab, ...UNNAMED }));
  } else replaceDoc(id, "keeping.step.theirs", doc, { version, saved: doc });
  notBehind(id);
}

/** Makes an earlier version the newest. */
export async function goBack(id: string, version: SavedWorkflow): Promise<Outcome> {
  replaceDoc(id, "keeping.step.version", version.document);
  return save(id);
}

/** Two requests of one tab go one after the other: the second begins from what the first made. */
async function inTurn(id: string, work: (tab: Tab) => Promise<Outcome>): Promise<Outcome> {
  const before = running.get(id) ?? Promise.resolve();
  const turn = before.then(() => {
    const tab = findTab(id);
    return tab ? work(tab) : { refused: "" };
  });
  running.set(
    id,
    turn.catch(() => {}),
  );
  return turn;
}

async function store(tab: Tab, name: string, base: number | null): Promise<Outcome> {
  const doc = titled(tab.doc, name);
  const draft = useKeeping.getState().drafts[tab.id] ?? null;
  try {
    await spare(name);
    settle(tab, doc, await saveWorkflow(name, doc, base, draft));
    return "saved";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409) return against(tab, doc, name, error.details as unknown as Theirs);
    const away = error.status === 0 || error.status === 503;
    if (!away || (tab.name !== null && tab.name !== name)) return { refused: error.message };
    updateTab(tab.id, (now) => ({ ...now, name, version: base, opened: null }));
    owe(tab.id);
    return "later";
  }
}

/** What lies there may be what was sent before, and only the answer was lost. */
function against(tab: Tab, doc: Workflow, name: string, theirs: Theirs): Outcome {
  if (!same(theirs.document, doc)) return { taken: theirs };
  settle(tab, doc, { name, version: theirs.version, saved_at: theirs.saved_at ?? "" });
  return "saved";
}

/** A workflow that has no title gets that of its file. */
function titled(doc: Workflow, name: string): Workflow {
  return doc.name ? doc : { ...doc, name: name.split("/").at(-1) ?? name };
}

/** Takes note of what was saved; what was edited meanwhile stays unsaved. */
function settle(sent: Tab, doc: Workflow, { name, version }: Saved): void {
  updateTab(sent.id, (tab) => {
    const now = tab.doc === sent.doc ? doc : tab.doc;
    return { ...tab, doc: now, name, version, saved: doc, opened: null, merge: null };
  });
  forgive(sent.id);
  notBehind(sent.id);
  changed();
}

/** Has a tab saved as soon as the server is back. */
export function owe(id: string): void {
  useKeeping.setState(({ owed }) => (owed.includes(id) ? {} : { owed: [...owed, id] }));
  clearTimeout(again);
  again = setTimeout(() => void saveOwed(), AGAIN_MS);
}

/** Saves what could not be saved while the server was away. */
export function saveOwed(): Promise<void> {
  paying ??= pay().finally(() => {
    paying = undefined;
  });
  return paying;
}

async function pay(): Promise<void> {
  for (const id of useKeeping.getState().owed) {
    const outcome = await inTurn(id, (now) => store(now, now.name ?? "", now.version));
    // That it has to wait was told the first time.
    if (outcome === "later") continue;
    forgive(id);
    if (findTab(id) !== undefined) told(id, outcome);
  }
}

function forgive(id: string): void {
  useKeeping.setState(({ owed }) => ({ owed: owed.filter((one) => one !== id) }));
}

/** Saves a tab and closes it if that worked. */
export async function saveAndClose(id: string): Promise<void> {
  const tab = findTab(id);
  if (tab?.name === null) ask({ kind: "saveAs", tab: id, close: true });
  else if ((await save(id)) === "saved") closeTab(id);
}

/** Closes a tab, and asks where something would be lost with it. */
export function close(id: string): void {
  const tab = findTab(id);
  if (tab === undefined) return;
  if (isUnsaved(tab)) ask({ kind: "close", tab: id });
  else closeTab(id);
}

export async function rename(name: string, to: string): Promise<void> {
  const made = await moveWorkflow(name, to);
  for (const tab of useDocuments.getState().tabs) {
    if (tab.name !== name) continue;
    updateTab(tab.id, (now) => ({ ...now, name: made.name, version: made.version }));
  }
  changed();
}

function replaceDoc(id: string, label: string, doc: Workflow, more: Partial<Tab> = {}): void {
  updateTab(id, (tab) => {
    const past = [...tab.past, { label, doc: tab.doc }];
    return { ...tab, doc, past, future: [], path: [], merge: null, opened: null, ...more };
  });
}

function notBehind(id: string): void {
  useKeeping.setState(({ behind }) => {
    const { [id]: _, ...others } = behind;
    return { behind: others };
  });
}

function told(id: string, outcome: Outcome): Outcome {
  if (outcome === "later") toast({ kind: "info", text: t("keeping.later") });
  else if (outcome === "saved") {
    dismiss(lastSaved);
    lastSaved = toast({ kind: "success", text: t("keeping.saved") });
  } else if (outcome === "asked") return outcome;
  else if ("taken" in outcome) ask({ kind: "conflict", tab: id, theirs: outcome.taken });
  else toast({ kind: "error", text: t("keeping.notSaved", { why: outcome.refused }) });
  return outcome;
}

/** Looks for versions that were saved elsewhere: clean tabs take them, others say so. */
export async function refresh(): Promise<void> {
  const before = useDocuments.getState().tabs;
  if (before.every((tab) => tab.name === null)) return;
  try {
    const newest = new Map((await listWorkflows()).map(({ name, version }) => [name, version]));
    unname(before.filter(({ name }) => name !== null && !newest.has(name)));
    for (const tab of useDocuments.getState().tabs) {
      const version = newest.get(tab.name ?? "");
      if (version !== undefined) await compare(tab.id, version);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Only once what is being saved is saved: it would look like somebody else's. */
async function compare(id: string, version: number): Promise<void> {
  await running.get(id);
  const tab = findTab(id);
  if (!tab || tab.name === null || version <= (tab.version ?? 0)) return;
  if (isUnsaved(tab)) {
    useKeeping.setState(({ behind }) => ({ behind: { ...behind, [id]: version } }));
  } else await follow(tab, tab.name);
}

/** Of tabs whose workflow was not there any more; not those that were saved or named meanwhile. */
function unname(gone: readonly Tab[]): void {
  for (const { id, name, version } of gone) {
    // What waits for the server to be saved was never there.
    if (name === null || version === null) continue;
    const lost = withoutName(name, (now) => now.id === id && now.version === version);
    if (lost.length > 0) toast({ kind: "info", text: t("keeping.gone", { name }) });
    notBehind(id);
  }
}

async function follow(tab: Tab, name: string): Promise<void> {
  const { document: doc, version } = await loadWorkflow(name);
  const now = findTab(tab.id);
  if (now?.doc !== tab.doc || now.version !== tab.version) return;
  replaceDoc(tab.id, "keeping.step.theirs", doc, { version, saved: doc });
  toast({ kind: "info", text: t("keeping.followed", { name, version }) });
}
