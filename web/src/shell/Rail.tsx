/** Icons of the panels: down the left side, or along the bottom of a phone. */

import { Settings, TextCursorInput } from "lucide-react";
import { runCommand } from "../commands/registry";
import { PANELS, type PanelEntry } from "../panels/registry";
import { show, useView } from "../store/view";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { PHONE, useMedia } from "../ui/media";
import { UndoRedo } from "./TopBar";

export function Rail() {
  const t = useText();
  const phone = useMedia(PHONE);
  return (
    <nav className="shell-rail" aria-label={t("shell.panels")}>
      {PANELS.map((panel) => (
        <RailButton key={panel.id} panel={panel} />
      ))}
      <span className="shell-space" />
      {phone ? <UndoRedo /> : null}
      <IconButton
        icon={<TextCursorInput />}
        label={t("command.view.form")}
        side="right"
        onClick={() => runCommand("view.form")}
      />
      {phone ? null : (
        <IconButton
          icon={<Settings />}
          label={t("command.view.settings")}
          side="right"
          onClick={() => runCommand("view.settings")}
        />
      )}
    </nav>
  );
}

const none = () => 0;

function RailButton({ panel }: { panel: PanelEntry }) {
  const t = useText();
  const open = useView((state) => state.panel === panel.id);
  const useCount = panel.useCount ?? none;
  const count = useCount();
  const Icon = panel.icon;
  const title = t(panel.title);
  return (
    <span className="shell-rail-place">
      <IconButton
        icon={<Icon />}
        label={count > 0 ? `${title} (${count})` : title}
        pressed={open}
        side="right"
        onClick={() => show({ panel: open ? null : panel.id })}
      />
      {count > 0 ? (
        <span className="shell-count" aria-hidden>
          {count > 99 ? "99+" : count}
        </span>
      ) : null}
    </span>
  );
}
