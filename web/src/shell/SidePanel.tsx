/** The open panel: beside the canvas, or a sheet over the lower half of a phone. */

import { X } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { findPanel } from "../panels/registry";
import { changeSettings, useSettings } from "../store/settings";
import { show, useView } from "../store/view";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { Guard } from "../ui/Guard";
import { PHONE, useMedia } from "../ui/media";
import { Splitter } from "../ui/Splitter";

const WIDTHS = { min: 240, max: 720 };
const SHEET = { min: 20, max: 90, first: 55 };

export function SidePanel() {
  const t = useText();
  const panel = findPanel(useView((state) => state.panel));
  const phone = useMedia(PHONE);
  const width = useSettings((state) => state.panelWidth);
  const [percent, setPercent] = useState(SHEET.first);
  if (panel === undefined) return null;
  const Content = panel.component;
  const title = t(panel.title);
  const close = () => show({ panel: null });
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  };
  const edge = phone ? (
    <Splitter
      upright={false}
      value={percent * 8}
      min={SHEET.min * 8}
      max={SHEET.max * 8}
      onChange={(value) => setPercent(value / 8)}
      label={t("shell.resize")}
      controls="panel"
    />
  ) : (
    <Splitter
      upright
      value={width}
      {...WIDTHS}
      onChange={(panelWidth) => changeSettings({ panelWidth })}
      label={t("shell.resize")}
      controls="panel"
    />
  );
  return (
    <aside
      className="shell-panel"
      id="panel"
      aria-label={title}
      style={phone ? { height: `${percent}dvh` } : { width }}
      onKeyDown={press}
    >
      {phone ? edge : null}
      <div className="shell-panel-inside">
        <header className="shell-panel-head">
          <h2>{title}</h2>
          <IconButton icon={<X />} label={t("shell.closePanel")} onClick={close} />
        </header>
        <div className="shell-panel-body" key={panel.id}>
          <Guard>
            <Content />
          </Guard>
        </div>
      </div>
      {phone ? null : edge}
    </aside>
  );
}
