/** Everything a person can do, by name: menus, the command list and shortcuts all come here. */

import { useSettings } from "../store/settings";

export interface Command {
  /** Such as `edit.undo`; also its key in the text catalogue, under `command.edit.undo`. */
  readonly id: string;
  /**
   * Such as `Mod+Shift+Z`; `Mod` is Ctrl, or Cmd on a Mac. Several are parted by a space. Where
   * two commands have the same keys, the first that is enabled runs.
   */
  readonly keys?: string;
  /** What menus call it now, where that is not always the same; else the catalogue's text. */
  readonly label?: () => string;
  /** Whether its keys work while a text field has the focus. */
  readonly inFields?: boolean;
  /** Whether its keys work while a dialog lies over the page. */
  readonly overDialogs?: boolean;
  readonly enabled?: () => boolean;
  /** For what is either on or off: which of these it is. */
  readonly checked?: () => boolean;
  /** Whether this press is meant for it: for keys that mean other things elsewhere. */
  readonly when?: (event: KeyboardEvent) => boolean;
  /** Only keys run it, such as going from node to node: it stands in no menu. */
  readonly hidden?: boolean;
  readonly run: () => void | Promise<void>;
}

const commands = new Map<string, Command>();

/** Each part of the editor registers its own once, when its module is loaded. */
export function register(...made: readonly Command[]): void {
  for (const command of made) {
    if (commands.has(command.id)) throw new Error(`two commands are called ${command.id}`);
    commands.set(command.id, command);
  }
}

export function allCommands(): readonly Command[] {
  return [...commands.values()];
}

export function findCommand(id: string): Command | undefined {
  return commands.get(id);
}

/** The keys of a command as they are set now; undefined if it has none. */
export function keysOf(command: Command): string | undefined {
  const chosen = useSettings.getState().shortcuts[command.id];
  return chosen === undefined ? command.keys : chosen || undefined;
}

/** Runs a command if it can be run now; says whether it did. */
export function runCommand(id: string): boolean {
  const command = commands.get(id);
  if (command === undefined || command.enabled?.() === false) return false;
  void command.run();
  return true;
}
