/** Which keys do what, and who else has them. */

import type { Command } from "../commands/registry";
import { changeSettings, useSettings } from "../store/settings";
import { MENUS, menuOf } from "./menus";

export type Shortcuts = { readonly [command: string]: string };

/** Empty where a command has no keys. */
export function bound(command: Command, shortcuts: Shortcuts): string {
  return shortcuts[command.id] ?? command.keys ?? "";
}

/** What a command has without anybody's choice is not kept as a choice. */
export function rebind(command: Command, keys: string): void {
  const { [command.id]: _, ...others } = useSettings.getState().shortcuts;
  const isOwn = keys === (command.keys ?? "");
  changeSettings({ shortcuts: isOwn ? others : { ...others, [command.id]: keys } });
}

/** Commands by the menu they stand in. */
export function grouped(commands: readonly Command[]): [string, Command[]][] {
  const groups = MENUS.map((menu): [string, Command[]] => [
    menu,
    commands.filter((command) => menuOf(command.id) === menu),
  ]);
  return groups.filter(([, found]) => found.length > 0);
}
