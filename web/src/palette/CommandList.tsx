/** Every command, found by typing, with its keys. */

import { useState } from "react";
import { allCommands, type Command, findCommand, keysOf, runCommand } from "../commands/registry";
import { ranked } from "../graph/search";
import { show, useView } from "../store/view";
import { textIn, useText } from "../text/catalogue";
import { Finder, type Item } from "./Finder";
import { chose, recentBonus, useRecent } from "./recent";

/** The command that opens this list is no use in it. */
const SELF = "view.commands";

export function CommandList() {
  const open = useView((state) => state.commands);
  return open ? <List /> : null;
}

function List() {
  const t = useText();
  const [query, setQuery] = useState("");
  const [commands] = useState(() =>
    allCommands()
      .filter(({ id, hidden }) => id !== SELF && !hidden)
      .map(stateOf),
  );
  const recent = useRecent((state) => state.commands);
  const found = ranked(
    query,
    commands,
    ({ id }) => [
      { text: t(`command.${id}`), weight: 1, fuzzy: true },
      { text: textIn("en", `command.${id}`), weight: 0.9, fuzzy: true },
      { text: id, weight: 0.6, fuzzy: false },
    ],
    ({ id, enabled }) => recentBonus(recent, id) + (enabled ? 0 : -20),
  );
  const items = found.map(({ id, keys, enabled }): Item => {
    return { id, label: t(`command.${id}`), keys, disabled: !enabled };
  });
  const choose = (id: string) => {
    show({ commands: false });
    if (findCommand(id) === undefined) return;
    chose("commands", id);
    // Once this list is gone: a command may open another.
    requestAnimationFrame(() => runCommand(id));
  };
  return (
    <Finder
      label={t("command.view.commands")}
      placeholder={t("palette.commands")}
      query={query}
      onQuery={setQuery}
      items={items}
      onChoose={choose}
      onClose={() => show({ commands: false })}
    />
  );
}

function stateOf(command: Command) {
  const enabled = command.enabled?.() !== false;
  return { id: command.id, keys: keysOf(command), enabled };
}
