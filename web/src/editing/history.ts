/** Undo and redo, which say what they would undo. */

import { register } from "../commands/registry";
import { activeTab, redo, type Step, undo } from "../store/documents";
import { t } from "../text/catalogue";

/** `Undo: move`; only `Undo` where the step has no words. */
function labelled(command: string, step: Step | undefined): string {
  const word = t(`command.${command}`);
  const what = step && t(step.label);
  return what === undefined || what === step?.label ? word : t("editing.step", { word, what });
}

register(
  {
    id: "edit.undo",
    keys: "Mod+Z",
    enabled: () => activeTab().past.length > 0,
    label: () => labelled("edit.undo", activeTab().past.at(-1)),
    run: undo,
  },
  {
    id: "edit.redo",
    keys: "Mod+Shift+Z Mod+Y",
    enabled: () => activeTab().future.length > 0,
    label: () => labelled("edit.redo", activeTab().future[0]),
    run: redo,
  },
);
