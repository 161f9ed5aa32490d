/** The dialog of settings: look, language, canvas. They hold for this browser. */

import { Contrast, MonitorSmartphone, Moon, Sun } from "lucide-react";
import { changeSettings, type Language, type Theme, useSettings } from "../store/settings";
import { show, useView } from "../store/view";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Choose, Switch } from "../ui/Choose";
import { Dialog } from "../ui/Dialog";
import "./settings.css";

const THEMES: readonly [Theme, typeof Sun][] = [
  ["system", MonitorSmartphone],
  ["light", Sun],
  ["dark", Moon],
  ["contrast", Contrast],
];
/** Languages are named in themselves: who cannot read this one finds the own. */
const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: "en", label: "English" },
  { value: "de", label: "Deutsch" },
];

export function SettingsDialog() {
  const t = useText();
  const open = useView((state) => state.dialog === "settings");
  const { theme, language, snap, minimap } = useSettings();
  return (
    <Dialog open={open} onClose={() => show({ dialog: null })} title={t("settings.title")}>
      <div className="settings">
        <Choose
          label={t("settings.theme")}
          value={theme}
          options={THEMES.map(([value, Icon]) => ({
            value,
            label: t(`settings.theme.${value}`),
            icon: <Icon aria-hidden />,
          }))}
          onChange={(value) => changeSettings({ theme: value })}
        />
        <Choose
          label={t("settings.language")}
          value={language}
          options={LANGUAGES}
          onChange={(value) => changeSettings({ language: value })}
        />
        <section className="settings-group" aria-label={t("shell.canvas")}>
          <h3>{t("shell.canvas")}</h3>
          <Switch
            label={t("canvas.snap")}
            checked={snap}
            onChange={(on) => changeSettings({ snap: on })}
          />
          <Switch
            label={t("canvas.minimap")}
            checked={minimap}
            onChange={(on) => changeSettings({ minimap: on })}
          />
        </section>
        <p className="settings-about">{t("settings.motion")}</p>
        <Button onClick={() => show({ dialog: "shortcuts" })}>{t("command.help.shortcuts")}</Button>
      </div>
    </Dialog>
  );
}
