/** The table of shortcuts: every command, its keys, other keys by pressing them. */

import { RotateCcw, X } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { conflictsWith, pressed } from "../commands/keys";
import { allCommands, type Command } from "../commands/registry";
import { changeSettings, useSettings } from "../store/settings";
import { show, useView } from "../store/view";
import { useText } from "../text/catalogue";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { keysText } from "../ui/keys";
import { bound, grouped, rebind } from "./shortcuts";
import "./settings.css";

export function ShortcutsDialog() {
  const t = useText();
  const open = useView((state) => state.dialog === "shortcuts");
  return (
    <Dialog
      open={open}
      onClose={() => show({ dialog: null })}
      title={t("shortcuts.title")}
      wide
      actions={
        <Button onClick={() => changeSettings({ shortcuts: {} })}>{t("shortcuts.resetAll")}</Button>
      }
    >
      <Table />
    </Dialog>
  );
}

function Table() {
  const t = useText();
  const [wanted, setWanted] = useState("");
  const shortcuts = useSettings((state) => state.shortcuts);
  const found = allCommands().filter((command) =>
    t(`command.${command.id}`).toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <div className="shortcuts">
      <TextField label={t("shortcuts.search")} value={wanted} onChange={setWanted} />
      {grouped(found).map(([menu, commands]) => (
        <section key={menu} aria-label={t(`shell.menu.${menu}`)}>
          <h3>{t(`shell.menu.${menu}`)}</h3>
          <ul>
            {commands.map((command) => (
              <Row key={command.id} command={command} shortcuts={shortcuts} />
            ))}
          </ul>
        </section>
      ))}
      {wanted === "" ? <Gestures /> : null}
    </div>
  );
}

const GESTURES = "pan select point cut insert search detach menu".split(" ");

/** What is done with the mouse, which no command stands for. */
function Gestures() {
  const t = useText();
  return (
    <section aria-label={t("shortcuts.mouse")}>
      <h3>{t("shortcuts.mouse")}</h3>
      <ul>
        {GESTURES.map((gesture) => (
          <li key={gesture} className="shortcuts-row">
            <span className="shortcuts-name">{t(`shortcuts.mouse.${gesture}`)}</span>
            <span>{t(`shortcuts.mouse.${gesture}.how`)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly command: Command;
  readonly shortcuts: { readonly [command: string]: string };
}

function Row({ command, shortcuts }: RowProps) {
  const t = useText();
  const name = t(`command.${command.id}`);
  const keys = bound(command, shortcuts);
  const others = conflictsWith(command.id, keys);
  const changed = command.id in shortcuts;
  return (
    <li className="shortcuts-row" data-command={command.id}>
      <span className="shortcuts-name">{name}</span>
      {others.length > 0 ? (
        <span className="shortcuts-clash" role="status">
          {t("shortcuts.clash", { names: others.map(({ id }) => t(`command.${id}`)).join(", ") })}
        </span>
      ) : null}
      <Capture name={name} keys={keys} onKeys={(made) => rebind(command, made)} />
      <IconButton
        icon={<X />}
        label={t("shortcuts.none", { name })}
        disabled={keys === ""}
        onClick={() => rebind(command, "")}
      />
      <IconButton
        icon={<RotateCcw />}
        label={t("shortcuts.reset", { name })}
        disabled={!changed}
        onClick={() => rebind(command, command.keys ?? "")}
      />
    </li>
  );
}

interface CaptureProps {
  readonly name: string;
  readonly keys: string;
  readonly onKeys: (keys: string) => void;
}

/** A button that takes the next keys; Escape leaves all as it was. */
function Capture({ name, keys, onKeys }: CaptureProps) {
  const t = useText();
  const [listening, listen] = useState(false);
  const press = (event: KeyboardEvent) => {
    if (!listening || event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return listen(false);
    const made = pressed(event.nativeEvent);
    if (made === undefined) return;
    listen(false);
    onKeys(made);
  };
  const shown = keys ? keysText(keys) : "—";
  return (
    <button
      type="button"
      className="ui-button shortcuts-keys"
      aria-label={t(listening ? "shortcuts.press" : "shortcuts.change", { name, keys: shown })}
      onClick={() => listen(true)}
      onKeyDown={press}
      onBlur={() => listen(false)}
    >
      {listening ? t("shortcuts.pressShort") : <kbd>{shown}</kbd>}
    </button>
  );
}
