/** What this is, how to begin, and where to read on. */

import { useNodes } from "../store/nodes";
import { show, useView } from "../store/view";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { keysText } from "../ui/keys";
import "./settings.css";

const FIRST_STEPS = ["add", "connect", "run", "commands", "pan", "menu"] as const;
const KEYS = { commands: "Mod+K", run: "Mod+Enter" };

export function AboutDialog() {
  const t = useText();
  const open = useView((state) => state.dialog === "about");
  const catalogue = useNodes((state) => state.catalogue);
  const values = {
    commands: keysText(KEYS.commands),
    run: keysText(KEYS.run),
  };
  return (
    <Dialog
      open={open}
      onClose={() => show({ dialog: null })}
      title={t("about.title")}
      actions={
        <Button onClick={() => show({ dialog: "shortcuts" })}>{t("command.help.shortcuts")}</Button>
      }
    >
      <div className="settings">
        <p>{t("about.what")}</p>
        <ul className="about-steps">
          {FIRST_STEPS.map((step) => (
            <li key={step}>{t(`about.${step}`, values)}</li>
          ))}
        </ul>
        <p className="settings-about">
          {t("about.nodes", { count: catalogue?.nodes.length ?? 0 })} {t("about.private")}
        </p>
      </div>
    </Dialog>
  );
}
