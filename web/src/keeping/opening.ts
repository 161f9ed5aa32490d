/** Opening workflows: saved ones, drafts, templates, files of any format; and handing out files. */

import { ApiError } from "../api/client";
import {
  type Draft,
  type DraftInfo,
  type DraftSummary,
  draftTitle,
  dropDraft,
  loadDraft,
  putDraft,
  readKey,
} from "../api/drafts";
import {
  beginTemplate,
  exportApi,
  importFile,
  loadWorkflow,
  type Remark,
  type Report,
} from "../api/workflows";
import { giveMedia, mediaKind, type Onto } from "../editing/media";
import { parseJson, writeJson } from "../graph/json";
import type { Workflow } from "../graph/workflow";
import { activeTab, findTab, openTab, showTab, type Tab, useDocuments } from "../store/documents";
import { tellError, toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { autosave } from "./session";
import { ask, type FileReport, useKeeping } from "./store";

/** Shows a saved workflow: in the tab that has it, or in a new one. */
export async function openSaved(name: string): Promise<void> {
  const there = useDocuments.getState().tabs.find((tab) => tab.name === name);
  if (there) return showTab(there.id);
  await attempt(t("keeping.notOpened", { name }), async () => {
    const { document, version, updates } = await loadWorkflow(name);
    openTab(document, { name, version, saved: document });
    tellUpdates(name, document, updates);
  });
}

/** Goes on with an edit that another browser left: it becomes this one's. */
export async function openDraft(key: string): Promise<void> {
  const name = readKey(key).name;
  await attempt(t("keeping.notOpened", { name: name ?? key }), async () => {
    const { document, base_version, revision, updates } = await loadDraft(key);
    const named = name !== null && base_version > 0;
    const more = named ? { name, version: base_version } : {};
    const tab = findTab(openTab(document, { ...more, opened: null }));
    if (tab) autosave.takeOver(tab, { name: key, revision });
    tellUpdates(name ?? t("common.untitled"), document, updates);
    forgetDraft(key);
  });
}

/** Nodes were written for older versions: what they hold now, the file holds once it is saved. */
function tellUpdates(file: string, workflow: Workflow, remarks: readonly Remark[]): void {
  if (remarks.length === 0) return;
  const report = { source: "nodegraph", remarks };
  toast({
    kind: "info",
    text: t("keeping.updated", { count: remarks.length }),
    action: {
      label: t("keeping.updatedShow"),
      run: () => ask({ kind: "report", reports: [{ file, report, workflow }] }),
    },
  });
}

/**
 * Forgets an edit that another browser left, as it was listed: not what somebody made of it since.
 * The message that says so can bring it back.
 */
export async function discardDraft({ name: key, saved_at }: DraftSummary): Promise<void> {
  await attempt(t("keeping.notDiscarded"), async () => {
    const draft = await loadDraft(key).catch(absent);
    if (draft === undefined) return forgetDraft(key);
    if (draft.saved_at !== saved_at) {
      useKeeping.setState({ elsewhere: useKeeping.getState().elsewhere.map(at(draft)) });
      throw new ApiError(409, "conflict", t("keeping.goesOn"));
    }
    await dropDraft(key, draft.revision);
    const { elsewhere } = useKeeping.getState();
    forgetDraft(key);
    toast({
      kind: "info",
      text: t("keeping.discarded", {
        name: draftTitle(key, draft.document) || t("common.untitled"),
      }),
      action: {
        label: t("command.edit.undo"),
        run: () => void bringBack(draft, elsewhere),
      },
    });
  });
}

async function bringBack(draft: Draft, before: readonly DraftSummary[]): Promise<void> {
  await attempt(t("keeping.notBroughtBack"), async () => {
    const { name, document, base_version } = draft;
    const made = await putDraft(name, { document, base_version, seen: null });
    useKeeping.setState(({ elsewhere }) => {
      const kept = new Set(elsewhere.map((one) => one.name));
      const found = before.filter((one) => one.name === name || kept.has(one.name));
      return { elsewhere: found.map(at(made)) };
    });
  });
}

function absent(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.status !== 404) throw error;
}

const at = (now: DraftInfo) => (draft: DraftSummary) =>
  draft.name === now.name ? { ...draft, saved_at: now.saved_at } : draft;

function forgetDraft(key: string): void {
  useKeeping.setState(({ elsewhere }) => ({
    elsewhere: elsewhere.filter((draft) => draft.name !== key),
  }));
}

export async function openTemplate(name: string): Promise<void> {
  await attempt(
    t("keeping.notOpened", { name }),
    async () => void openTab(await beginTemplate(name)),
  );
}

/**
 * Opens each file in a tab of its own, and tells what could not be carried over.
 *
 * A picture that holds no workflow, and what cannot hold one, goes to the nodes of `onto`, or to a
 * new node there.
 */
export async function openFiles(
  files: readonly File[],
  open: (made: Workflow) => string = openTab,
  onto?: Onto,
): Promise<void> {
  const reports: FileReport[] = [];
  let place = onto;
  for (const file of files) {
    await attempt(t("keeping.notOpened", { name: file.name }), async () => {
      const found = await readOrGive(file, place);
      if (found === undefined) {
        // One input holds one file: the next ones get nodes of their own.
        place = place && { nodes: [], at: place.at };
        return;
      }
      const { workflow, report } = found;
      const name = workflow.name || file.name.replace(/\.[^.]+$/, "");
      open({ ...workflow, name });
      if (report.remarks.length > 0) reports.push({ file: file.name, report, workflow });
    });
  }
  if (reports.length > 0) ask({ kind: "report", reports });
}

/** Undefined where a node has taken the file. */
async function readOrGive(file: File, onto: Onto | undefined) {
  const kind = mediaKind(file);
  try {
    return await read(file);
  } catch (error) {
    if (!(error instanceof ApiError) || kind === undefined) throw error;
    if (error.status === 0 || (MAY_HOLD.test(file.type) && error.code !== "no_workflow"))
      throw error;
    if (onto && (await giveMedia(file, kind, onto))) return undefined;
    throw new ApiError(422, "no_workflow", t(`keeping.noWorkflow.${kind}`));
  }
}

/** Pictures of these types can hold workflows. */
const MAY_HOLD = /^image\/(png|jpeg|webp)$/;

/** The server reads every format; while it is away, our own needs no reading. */
async function read(file: File): Promise<{ workflow: Workflow; report: Report }> {
  try {
    return await importFile(file);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 0) throw error;
    const found = own(await file.text());
    if (found === undefined) throw error;
    return { workflow: found, report: { source: "nodegraph", remarks: [] } };
  }
}

function own(text: string): Workflow | undefined {
  try {
    const found = parseJson(text) as Workflow | null;
    return found?.nodegraph === 1 && typeof found.nodes === "object" ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Asks for files; resolves when they are open. */
export function chooseFiles(): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.accept = ".json,.png,.webp,.jpg,.jpeg,application/json,image/*";
  input.onchange = () => void openFiles([...(input.files ?? [])]);
  input.click();
}

export function downloadJson(tab: Tab = activeTab()): void {
  offer(`${titleOf(tab)}.json`, writeJson(tab.doc, 2));
}

export async function downloadApi(tab: Tab = activeTab()): Promise<void> {
  await attempt(t("keeping.notExported"), async () => {
    const { prompt, report } = await exportApi(tab.doc);
    offer(`${titleOf(tab)}.api.json`, writeJson(prompt, 2));
    if (report.remarks.length > 0) {
      ask({
        kind: "report",
        reports: [{ file: `${titleOf(tab)}.api.json`, report, workflow: tab.doc }],
      });
    }
  });
}

function titleOf(tab: Tab): string {
  const name = tab.name?.split("/").at(-1) || tab.doc.name || t("common.untitled");
  return name.replace(/[\\/:*?"<>|]/g, "-");
}

function offer(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([`${text}\n`], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function attempt(failed: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tellError(error, `${failed}: ${error.message}`);
  }
}
