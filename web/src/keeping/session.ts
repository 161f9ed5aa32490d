/** The life of a page: what it takes over from the one before, keeps meanwhile, and leaves. */

import { ApiError } from "../api/client";
import { dropDraft, listDrafts, putDraft } from "../api/drafts";
import { findTab, isUnsaved, restoreTabs, type Tab, useDocuments } from "../store/documents";
import { useRuns } from "../store/runs";
import { toast } from "../store/toasts";
import { show } from "../store/view";
import { t } from "../text/catalogue";
import { useMask } from "../widgets/mask/store";
import { Autosave } from "./autosave";
import { type KeptTab, openShelf, type Shelf } from "./local";
import { Pace } from "./pace";
import { changesOf, inherited, leftOver, recordsOf, tabOf } from "./records";
import { finishRemovals } from "./removal";
import { owe, refresh, saveOwed } from "./saving";
import { useKeeping } from "./store";
import { nameWindow, type Windows } from "./windows";

const LOCAL_WAIT_MS = 120;
const LOCAL_MOST_MS = 300;

export const autosave = new Autosave({ put: putDraft, drop: dropDraft }, (tab, state, ref) =>
  useKeeping.setState(({ states, drafts }) => {
    const { [tab]: _, ...others } = drafts;
    return {
      states: { ...states, [tab]: state },
      drafts: ref ? { ...others, [tab]: ref } : others,
    };
  }),
);

let written: readonly KeptTab[] = [];
let shelf: Shelf | undefined;
let windows: Windows | undefined;
let begun = false;

/** Begins to keep what is open; what it returns ends that. */
export function startKeeping(): () => void {
  const local = new Pace(() => void keepLocally(), LOCAL_WAIT_MS, LOCAL_MOST_MS);
  const ends = [
    useDocuments.subscribe(({ tabs }, before) => {
      autosave.follow(tabs);
      if (tabs.some((tab) => wasSaved(tab, before.tabs))) local.now();
      else local.ask();
    }),
    useKeeping.subscribe((now, before) => {
      if (now.drafts !== before.drafts || now.owed !== before.owed) local.ask();
    }),
    useRuns.subscribe((now, before) => {
      if (now.connected && !before.connected) catchUp();
    }),
    on(window, "beforeunload", leave),
    on(window, "pagehide", () => {
      finishRemovals();
      local.now();
    }),
    on(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") return catchUp();
      local.now();
      autosave.flush();
    }),
  ];
  if (!begun) void restore();
  begun = true;
  return () => {
    for (const end of ends) end();
    local.stop();
  };
}

function on(target: EventTarget, event: string, listener: (event: Event) => void): () => void {
  target.addEventListener(event, listener);
  return () => target.removeEventListener(event, listener);
}

/** After saving, a page that is loaded anew at once shall know of it. */
function wasSaved(tab: Tab, before: readonly Tab[]): boolean {
  const old = before.find((one) => one.id === tab.id);
  return old !== undefined && old !== tab && (old.saved !== tab.saved || old.name !== tab.name);
}

async function restore(): Promise<void> {
  let records: KeptTab[] = [];
  try {
    [windows, shelf] = await Promise.all([nameWindow(), openShelf()]);
    records = (await shelf?.all().catch(() => [])) ?? [];
    takeOver(records, windows);
  } finally {
    // Whatever the browser refused: what is edited from now on is kept by the server.
    useKeeping.setState({ restored: true });
    autosave.follow(useDocuments.getState().tabs);
  }
  await keepLocally();
  await Promise.all([findElsewhere(records), refresh()]);
}

function takeOver(records: readonly KeptTab[], { own, again, others }: Windows): void {
  const mine = inherited(records, { own, again, others });
  // What was left and is not taken over is taken away.
  const gone = ({ window: name }: KeptTab) => name === own || (others && !others.has(name));
  written = records.filter(gone);
  const active = mine.find((record) => record.active)?.id ?? null;
  restoreTabs(mine.map(tabOf), active);
  for (const { id, draft, owed } of mine) {
    const tab = findTab(id);
    if (tab && owed) owe(id);
    if (tab) autosave.adopt(tab, draft);
  }
}

/** Unsaved edits that no tab of this browser has. */
async function findElsewhere(records: readonly KeptTab[]): Promise<void> {
  try {
    const drafts = await listDrafts();
    const elsewhere = leftOver(drafts, autosave.keys(), records, { others: windows?.others });
    useKeeping.setState({ elsewhere });
    if (elsewhere.length === 0) return;
    const action = { label: t("keeping.show"), run: () => show({ panel: "workflows" }) };
    const text = t("keeping.elsewhere", { count: elsewhere.length });
    toast({ kind: "info", text, action });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

async function keepLocally(): Promise<void> {
  if (shelf === undefined || windows === undefined || !useKeeping.getState().restored) return;
  const { tabs, active } = useDocuments.getState();
  const { drafts, owed } = useKeeping.getState();
  const now = recordsOf({ window: windows.own, tabs, active, drafts, owed });
  const { put, drop } = changesOf(written, now);
  if (put.length + drop.length === 0) return;
  const before = written;
  written = now;
  await shelf.change(put, drop).catch(() => {
    written = before;
  });
}

/** The server is back: it gets what it missed. */
function catchUp(): void {
  autosave.flush();
  void saveOwed();
  void refresh();
}

/** Asks before the page goes only where an edit is neither saved nor kept anywhere. */
function leave(event: Event): void {
  const kept = new Map(written.map(({ id, doc }) => [id, doc]));
  const { tabs } = useDocuments.getState();
  const safe = tabs.every(
    (tab) => !isUnsaved(tab) || autosave.holds(tab) || kept.get(tab.id) === tab.doc,
  );
  if (!safe || useMask.getState().touched) event.preventDefault();
}
