/** Deleting saved workflows, with a while to think again: until then nothing is deleted. */

import { ApiError } from "../api/client";
import { deleteWorkflow } from "../api/workflows";
import { dismiss, tellError, toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { changed, useKeeping } from "./store";
import { withoutName } from "./unnamed";

const UNDO_MS = 7000;

interface Removal {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly message: number;
}

/** What is deleted in a while, and what is being deleted. */
const pending = new Map<string, Removal>();
const deleting = new Map<string, Promise<void>>();

/** Takes a workflow off the lists at once, and away a little later with all its versions. */
export function remove(name: string): void {
  if (pending.has(name)) return;
  useKeeping.setState(({ removing }) => ({ removing: [...removing, name] }));
  const message = toast({
    kind: "info",
    text: t("keeping.deleted", { name }),
    action: { label: t("command.edit.undo"), run: () => keep(name) },
  });
  const timer = setTimeout(() => {
    dismiss(message);
    pending.delete(name);
    deleting.set(name, destroy(name));
  }, UNDO_MS);
  pending.set(name, { timer, message });
}

function keep(name: string): void {
  clearTimeout(pending.get(name)?.timer);
  pending.delete(name);
  useKeeping.setState(({ removing }) => ({ removing: removing.filter((one) => one !== name) }));
}

/** Who saves under a name wants it to stay; resolves when nothing is deleted there any more. */
export async function spare(name: string): Promise<void> {
  const removal = pending.get(name);
  if (removal) {
    dismiss(removal.message);
    keep(name);
  }
  await deleting.get(name);
}

async function destroy(name: string): Promise<void> {
  try {
    await deleteWorkflow(name);
    withoutName(name);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tellError(error, t("keeping.notDeleted", { name, why: error.message }));
  }
  deleting.delete(name);
  keep(name);
  changed();
}

/** The page goes: what was deleted is deleted, and what its tabs hold is nowhere else. */
export function finishRemovals(): void {
  for (const [name, { timer }] of pending) {
    clearTimeout(timer);
    const path = `api/editor/workflows/${encodeURIComponent(name)}`;
    void fetch(path, { method: "DELETE", keepalive: true }).catch(() => {});
    withoutName(name);
  }
  pending.clear();
}
