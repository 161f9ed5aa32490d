/** Declaring inputs and outputs: commands, and entries in the menus of widgets. */

import { register } from "../commands/registry";
import { declareInput, inputNameOf, undeclare } from "../graph/declared";
import { activeTab, edit, openDoc, openPath } from "../store/documents";
import { toast } from "../store/toasts";
import { show, useView } from "../store/view";
import { t } from "../text/catalogue";
import { addToWidgetMenus } from "../widgets/menus";

export function declare(node: string, input: string): void {
  edit("form.edit.declare", (doc) => declareInput(doc, node, input));
  const name = inputNameOf(openDoc(), node, input);
  if (name === undefined) return;
  const change = { label: t("form.describe"), run: () => show({ dialog: "declared" }) };
  toast({ kind: "success", text: t("form.declared", { name }), action: change });
}

export function withdraw(name: string): void {
  edit("form.edit.undeclare", (doc) => undeclare(doc, "inputs", name));
}

addToWidgetMenus(({ node, input }) => {
  // Inside of a subgraph they are its ports, which the editing tools take care of.
  if (activeTab().path.length > 0) return [];
  const name = inputNameOf(openDoc(), node, input.name);
  if (name === undefined) {
    return [{ label: t("form.declareInput"), run: () => declare(node, input.name) }];
  }
  return [{ label: t("form.undeclareInput"), run: () => withdraw(name) }];
});

register(
  {
    id: "view.form",
    keys: "Mod+Shift+F",
    inFields: true,
    checked: () => useView.getState().page === "form",
    run: () => {
      const toForm = useView.getState().page === "graph";
      if (toForm && activeTab().path.length > 0) openPath([]);
      show({ page: toForm ? "form" : "graph", dialog: null });
    },
  },
  { id: "form.declared", run: () => show({ dialog: "declared" }) },
);
