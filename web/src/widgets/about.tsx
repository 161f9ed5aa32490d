/** What there is to say of an input: its help, its type and range, and how its node last ran. */

import { useReport } from "../canvas/report";
import { reasonText } from "../running/reasons";
import { useText } from "../text/catalogue";
import { shown } from "./checks";
import type { WidgetProps } from "./kinds";
import { showFigure } from "./numbers";

export function About({ target }: { target: WidgetProps }) {
  const t = useText();
  const { node, input } = target;
  const report = useReport(node);
  const lines = factsOf(target, t);
  return (
    <div className="widget-about">
      <strong>{input.label ?? input.name}</strong>{" "}
      <span className="widget-about-type">
        {input.label && input.label !== input.name ? `${input.name} · ` : ""}
        {input.type}
      </span>
      {input.help ? <p>{input.help}</p> : null}
      {lines.map((line) => (
        <p key={line} className="widget-about-fact">
          {line}
        </p>
      ))}
      {report ? (
        <p className="widget-about-fact">
          {t(`canvas.status.${report.status}`)}: {reasonText(report.reason ?? "", t)}
        </p>
      ) : null}
    </div>
  );
}

function factsOf({ input }: WidgetProps, t: ReturnType<typeof useText>): string[] {
  const { min, max, step } = input.widget ?? {};
  const [low, high] = [showFigure(min), showFigure(max)];
  const facts: string[] = [];
  if (low !== "" || high !== "") {
    facts.push(t("widgets.about.range", { min: low || "−∞", max: high || "∞" }));
  }
  if (step !== undefined) facts.push(t("widgets.about.step", { step: showFigure(step) }));
  const preset = input.default;
  const isLong = typeof preset === "object" && preset !== null;
  if (preset !== undefined && preset !== "" && !isLong) {
    facts.push(t("widgets.about.default", { value: shown(preset) }));
  }
  return facts;
}
