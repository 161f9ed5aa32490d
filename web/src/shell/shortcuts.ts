/** Which keys do what, and who else has them. */

import { allCommands, type Command } from "../commands/registry";
import { changeSettings, useSettings } from "../store/settings";
import { MENUS, menuOf } from "./menus";

export type Shortcuts = { readonly [command: string]: string };

/** Empty where a command has no keys. */
export function bound(command: Command, shortcuts: Shortcuts): string {
  return shortcuts[command.id] ?? command.keys ?? "";
}

/** Other commands with the same keys. */
export function clashes(command: Command, shortcuts: Shortcuts): Command[] {
  const keys = bound(command, shortcuts);
  if (keys === "") return [];
  return allCommands().filter((one) => one !== command && bound(one, shortcuts) === keys);
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

const ALONE = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead"]);
const MAC = typeof navigator !== "undefined" && /Mac|iP(hone|ad|od)/.test(navigator.userAgent);

/** What was pressed, as `Command.keys` writes it; null for a modifier alone. */
export function keysFrom(event: KeyboardEvent): string | null {
  if (ALONE.has(event.key)) return null;
  const mod = MAC ? event.metaKey : event.ctrlKey;
  const isSign = event.key.length === 1 && event.key.toLowerCase() === event.key.toUpperCase();
  const isShown = event.shiftKey && (!isSign || event.key === " ");
  const key =
    event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const parts = [mod && "Mod", MAC && event.ctrlKey && "Ctrl", event.altKey && "Alt"];
  return [...parts, isShown && "Shift", key].filter(Boolean).join("+");
}
