/** Menus: lists of commands and other entries, on a button or at the pointer. */

import { ContextMenu as Context } from "@base-ui/react/context-menu";
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { findCommand, keysOf, runCommand } from "../commands/registry";
import { useText } from "../text/catalogue";
import { keysText } from "./keys";
import "./menu.css";

export interface MenuEntry {
  readonly label: string;
  readonly run: () => void;
  readonly icon?: ReactNode;
  readonly keys?: string | undefined;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  readonly checked?: boolean;
}

export interface MenuGroup {
  /** A key of the text catalogue. */
  readonly group: string;
  readonly items: readonly MenuItem[];
  /** Whether it opens beside the menu, rather than standing in it under its title. */
  readonly submenu?: boolean;
}

/** A command by its id, an entry of its own, some of them under a title, or a line between. */
export type MenuItem = string | MenuEntry | MenuGroup | "-";

/** The items, or what says them when the menu opens. */
export type MenuItems = readonly MenuItem[] | (() => readonly MenuItem[]);

type Trigger = ReactElement<Record<string, unknown>>;

export interface MenuProps {
  readonly trigger: Trigger;
  readonly items: MenuItems;
  /** Whether it is one of the words of a menu bar. */
  readonly inBar?: boolean;
}

export function Menu({ trigger, items, inBar = false }: MenuProps) {
  return (
    <Base.Root {...(inBar ? {} : { modal: false })}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="ui-menu-place">
          <Base.Popup className="ui-menu">
            <Items items={items} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** `children` is the area that a right click or a long press opens the menu on. */
export function ContextMenu({ children, items }: { children: Trigger; items: MenuItems }) {
  return (
    <Context.Root>
      <Context.Trigger render={children} />
      <Context.Portal>
        <Context.Positioner className="ui-menu-place">
          <Context.Popup className="ui-menu">
            <Items items={items} />
          </Context.Popup>
        </Context.Positioner>
      </Context.Portal>
    </Context.Root>
  );
}

/** For menus that are opened in other ways than by these. */
export function Items({ items }: { items: MenuItems }) {
  const all = typeof items === "function" ? items() : items;
  return all.map((item, place) => {
    if (item === "-") return <Base.Separator key={`line ${place}`} className="ui-menu-line" />;
    if (typeof item === "string") return <CommandItem key={item} id={item} />;
    if ("group" in item) return <Group key={item.group} {...item} />;
    return <Entry key={`${place} ${item.label}`} entry={item} />;
  });
}

function CommandItem({ id }: { id: string }) {
  const t = useText();
  const command = findCommand(id);
  const entry = {
    label: command?.label?.() ?? t(`command.${id}`),
    run: () => void runCommand(id),
    keys: command && keysOf(command),
    disabled: command === undefined || command.enabled?.() === false,
    ...(command?.checked && { checked: command.checked() }),
  };
  return <Entry entry={entry} />;
}

function Entry({ entry }: { entry: MenuEntry }) {
  return (
    <Base.Item
      className={entry.danger ? "ui-menu-item ui-danger" : "ui-menu-item"}
      disabled={entry.disabled ?? false}
      onClick={entry.run}
      {...(entry.checked !== undefined && {
        role: "menuitemcheckbox",
        "aria-checked": entry.checked,
      })}
    >
      <span className="ui-menu-icon">{entry.checked ? "✓" : entry.icon}</span>
      <span className="ui-menu-label">{entry.label}</span>
      {entry.keys ? <kbd>{keysText(entry.keys.split(" ")[0] ?? "")}</kbd> : null}
    </Base.Item>
  );
}

function Group({ group, items, submenu = false }: MenuGroup) {
  const t = useText();
  if (items.length === 0) return null;
  if (!submenu) {
    return (
      <Base.Group className="ui-menu-group">
        <Base.GroupLabel className="ui-menu-title">{t(group)}</Base.GroupLabel>
        <Items items={items} />
      </Base.Group>
    );
  }
  return (
    <Base.SubmenuRoot>
      <Base.SubmenuTrigger className="ui-menu-item">
        <span className="ui-menu-icon" />
        <span className="ui-menu-label">{t(group)}</span>
        <span aria-hidden>›</span>
      </Base.SubmenuTrigger>
      <Base.Portal>
        <Base.Positioner className="ui-menu-place" alignOffset={-5}>
          <Base.Popup className="ui-menu">
            <Items items={items} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.SubmenuRoot>
  );
}
