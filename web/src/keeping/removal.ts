/** Deleting saved workflows, with a while to think again: until then nothing is deleted. */

import { ApiError } from "../api/client";
import { deleteWorkflow } from "../api/workflows";
import { updateTab, useDocuments } from "../store/documents";
import { dismiss, toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { changed, useKeeping } from "./store";

const UNDO_MS = 7000;

const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Takes a workflow off the lists at once, and away a little later with all its versions. */
export function remove(name: string): void {
  if (timers.has(name)) return;
  useKeeping.setState(({ removing }) => ({ removing: [...removing, name] }));
  const message = toast({
    kind: "info",
    text: t("keeping.deleted", { name }),
    action: { label: t("command.edit.undo"), run: () => keep(name) },
  });
  const finish = () => {
    dismiss(message);
    void destroy(name);
  };
  timers.set(name, setTimeout(finish, UNDO_MS));
}

function keep(name: string): void {
  clearTimeout(timers.get(name));
  timers.delete(name);
  useKeeping.setState(({ removing }) => ({ removing: removing.filter((one) => one !== name) }));
}

async function destroy(name: string): Promise<void> {
  timers.delete(name);
  try {
    await deleteWorkflow(name);
    for (const tab of useDocuments.getState().tabs) {
      if (tab.name !== name) continue;
      const gone = { name: null, version: null, saved: null, opened: null };
      updateTab(tab.id, (now) => ({ ...now, ...gone }));
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast({ kind: "error", text: t("keeping.notDeleted", { name, why: error.message }) });
  }
  keep(name);
  changed();
}

/** The page goes: what was deleted is deleted. */
export function finishRemovals(): void {
  for (const name of timers.keys()) {
    const path = `api/editor/workflows/${encodeURIComponent(name)}`;
    void fetch(path, { method: "DELETE", keepalive: true }).catch(() => {});
  }
}
