/** Menus: lists of commands and other entries, on a button or at the pointer. */

import { ContextMenu as Context } from "@base-ui/react/context-menu";
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { findCommand, keysOf, runCommand } from "../commands/registry";
import { useText } from "../text/catalogue";
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

/** A command by its id, an entry of its own, or a line between groups. */
export type MenuItem = string | MenuEntry | "-";

export function Menu({
  trigger,
  items,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  items: readonly MenuItem[];
}) {
  return (
    <Base.Root modal={false}>
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
export function ContextMenu({
  children,
  items,
}: {
  children: ReactElement<Record<string, unknown>>;
  items: readonly MenuItem[];
}) {
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

function Items({ items }: { items: readonly MenuItem[] }) {
  const t = useText();
  return items.map((item, place) => {
    const entry = typeof item === "string" ? entryOf(item, t) : item;
    if (entry === null) {
      return <Base.Separator key={`line ${place}`} className="ui-menu-line" />;
    }
    return (
      <Base.Item
        key={entry.label}
        className={entry.danger ? "ui-menu-item ui-danger" : "ui-menu-item"}
        disabled={entry.disabled ?? false}
        onClick={entry.run}
      >
        <span className="ui-menu-icon">{entry.checked ? "✓" : entry.icon}</span>
        <span className="ui-menu-label">{entry.label}</span>
        {entry.keys ? <kbd>{entry.keys}</kbd> : null}
      </Base.Item>
    );
  });
}

function entryOf(item: string, t: (key: string) => string): MenuEntry | null {
  if (item === "-") return null;
  const command = findCommand(item);
  return {
    label: t(`command.${item}`),
    run: () => void runCommand(item),
    keys: command && keysOf(command),
    disabled: command === undefined || command.enabled?.() === false,
  };
}
