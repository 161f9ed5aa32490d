/** The open workflows: which there are, which is shown, which hold unsaved edits. */

import { LoaderCircle, Plus, X } from "lucide-react";
import { type MouseEvent, useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { runCommand } from "../commands/registry";
import {
  duplicateTab,
  isUnsaved,
  moveTab,
  showTab,
  type Tab,
  useDocuments,
} from "../store/documents";
import { isDone, runOf, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { ContextMenu, type MenuItem } from "../ui/Menu";
import { close } from "./saving";
import { ask } from "./store";
import "./tabs.css";

/** What is dragged is a tab, not a file. */
const DRAGGED = "application/x-nodegraph-tab";

export function TabBar() {
  const t = useText();
  const ids = useDocuments(useShallow((state) => state.tabs.map((tab) => tab.id)));
  return (
    <nav className="tabs" aria-label={t("keeping.tabs")}>
      <ul className="tabs-list">
        {ids.map((id) => (
          <Item key={id} id={id} />
        ))}
      </ul>
      <IconButton
        icon={<Plus />}
        label={t("command.file.new")}
        onClick={() => runCommand("file.new")}
      />
    </nav>
  );
}

export function useTitle(id: string): string {
  const t = useText();
  const title = useDocuments((state) => {
    const tab = state.tabs.find((one) => one.id === id);
    return tab?.name?.split("/").at(-1) || tab?.doc.name;
  });
  return title || t("common.untitled");
}

/** Not by `scrollIntoView`: that is where the Tab key would go on from, past the bars before. */
function intoSight(item: HTMLElement): void {
  const row = item.parentElement;
  if (row === null) return;
  const [own, all] = [item.getBoundingClientRect(), row.getBoundingClientRect()];
  if (own.left < all.left) row.scrollLeft += own.left - all.left;
  else if (own.right > all.right) row.scrollLeft += own.right - all.right;
}

function useTab<T>(id: string, pick: (tab: Tab) => T): T | undefined {
  return useDocuments((state) => {
    const tab = state.tabs.find((one) => one.id === id);
    return tab && pick(tab);
  });
}

function Item({ id }: { id: string }) {
  const t = useText();
  const title = useTitle(id);
  const name = useTab(id, (tab) => tab.name);
  const unsaved = useTab(id, isUnsaved) ?? false;
  const shown = useDocuments((state) => state.active === id);
  const busy = useRuns((state) => {
    const run = runOf(state, id);
    return run !== undefined && !isDone(run);
  });
  const states = [unsaved && t("keeping.unsaved"), busy && t("keeping.running")].filter(Boolean);
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (shown && place.current) intoSight(place.current);
  }, [shown]);
  return (
    <ContextMenu items={useItems(id)}>
      <li
        ref={place}
        className="tabs-item"
        data-tab={id}
        data-shown={shown}
        data-unsaved={unsaved}
        draggable
        onDragStart={(event) => event.dataTransfer.setData(`${DRAGGED}`, id)}
        onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && event.preventDefault()}
        onDrop={(event) => {
          const from = event.dataTransfer.getData(DRAGGED);
          if (from) moveTab(from, id);
        }}
        onMouseDown={noScrolling}
        onAuxClick={(event) => event.button === 1 && close(id)}
      >
        <button
          type="button"
          className="tabs-show"
          aria-current={shown ? "page" : undefined}
          aria-label={[title, ...states].join(", ")}
          title={name ?? title}
          onClick={() => showTab(id)}
          onDoubleClick={() => nameIt(id, name ?? null)}
        >
          {busy ? <LoaderCircle className="tabs-busy" aria-hidden /> : null}
          <span className="tabs-title">{title}</span>
          {unsaved ? <span className="tabs-dot" aria-hidden /> : null}
        </button>
        <button
          type="button"
          className="tabs-close"
          aria-label={t("keeping.closeTab", { name: title })}
          onClick={() => close(id)}
        >
          <X aria-hidden />
        </button>
      </li>
    </ContextMenu>
  );
}

/** A press of the middle button would begin to scroll the page. */
function noScrolling(event: MouseEvent): void {
  if (event.button === 1) event.preventDefault();
}

function nameIt(id: string, name: string | null): void {
  if (name === null) ask({ kind: "saveAs", tab: id, close: false });
  else ask({ kind: "rename", name });
}

function useItems(id: string): readonly MenuItem[] {
  const t = useText();
  const on = (command: string) => ({
    label: t(`command.${command}`),
    run: () => {
      showTab(id);
      runCommand(command);
    },
  });
  const others = () => {
    for (const tab of useDocuments.getState().tabs) {
      if (tab.id !== id && !isUnsaved(tab)) close(tab.id);
    }
  };
  return [
    on("file.save"),
    on("file.saveAs"),
    { ...on("file.rename"), disabled: useTab(id, (tab) => tab.name === null) ?? true },
    { ...on("file.versions"), disabled: useTab(id, (tab) => tab.name === null) ?? true },
    "-",
    { label: t("keeping.duplicate"), run: () => duplicateTab(id) },
    on("file.download"),
    on("file.export"),
    "-",
    { label: t("command.file.close"), run: () => close(id) },
    { label: t("keeping.closeOthers"), run: others },
  ];
}
