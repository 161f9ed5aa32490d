/** The commands of files and tabs. */

import { register } from "../commands/registry";
import { EMPTY } from "../graph/workflow";
import { activeTab, moveTab, openTab, showTab, useDocuments } from "../store/documents";
import { chooseFiles, downloadApi, downloadJson } from "./opening";
import { remove } from "./removal";
import { close, save } from "./saving";
import { ask } from "./store";

const named = () => activeTab().name !== null;

function step(by: number): void {
  const { tabs, active } = useDocuments.getState();
  const place = tabs.findIndex((tab) => tab.id === active);
  const next = tabs[(place + by + tabs.length) % tabs.length];
  if (next) showTab(next.id);
}

/** The tab that stands so many places from the shown one; undefined past either end. */
function beside(by: number): string | undefined {
  const { tabs, active } = useDocuments.getState();
  return tabs[tabs.findIndex((tab) => tab.id === active) + by]?.id;
}

function moveBy(by: number): void {
  const to = beside(by);
  if (to !== undefined) moveTab(activeTab().id, to);
}

const askOf = (kind: "saveAs" | "versions" | "rename") => {
  const { id, name } = activeTab();
  if (kind === "saveAs") ask({ kind, tab: id, close: false });
  else if (kind === "versions") ask({ kind, tab: id });
  else if (name !== null) ask({ kind, name });
};

register(
  { id: "file.new", keys: "Alt+N", run: () => void openTab(EMPTY) },
  { id: "file.templates", run: () => ask({ kind: "templates" }) },
  { id: "file.open", keys: "Mod+O", inFields: true, run: () => ask({ kind: "open" }) },
  { id: "file.import", keys: "Mod+Shift+O", inFields: true, run: chooseFiles },
  {
    id: "file.save",
    keys: "Mod+S",
    inFields: true,
    run: async () => void (await save(activeTab().id)),
  },
  { id: "file.saveAs", keys: "Mod+Shift+S", inFields: true, run: () => askOf("saveAs") },
  { id: "file.versions", enabled: named, run: () => askOf("versions") },
  { id: "file.rename", enabled: named, run: () => askOf("rename") },
  { id: "file.delete", enabled: named, run: () => remove(activeTab().name ?? "") },
  { id: "file.download", run: () => downloadJson() },
  { id: "file.export", run: () => downloadApi() },
  { id: "file.close", keys: "Alt+W", inFields: true, run: () => close(activeTab().id) },
  { id: "file.nextTab", keys: "Alt+PageDown", inFields: true, run: () => step(1) },
  { id: "file.previousTab", keys: "Alt+PageUp", inFields: true, run: () => step(-1) },
  {
    id: "file.tabLeft",
    keys: "Alt+Shift+PageUp",
    inFields: true,
    enabled: () => beside(-1) !== undefined,
    run: () => moveBy(-1),
  },
  {
    id: "file.tabRight",
    keys: "Alt+Shift+PageDown",
    inFields: true,
    enabled: () => beside(1) !== undefined,
    run: () => moveBy(1),
  },
);
