/** The name of a model that the server has. */

import { RefreshCw } from "lucide-react";
import { useMemo } from "react";
import { useText } from "../text/catalogue";
import { ChoiceButton } from "./ChoiceButton";
import { ChoicePopup } from "./ChoicePopup";
import { near } from "./checks";
import { FaultMark } from "./FaultMark";
import type { KindProps } from "./kinds";
import { loadModels, useModelNames, useModelsLoading } from "./models";
import { WidgetButton } from "./WidgetButton";

export function ModelWidget({ widget, value, change, done, spoken }: KindProps) {
  const t = useText();
  const names = useModelNames(widget.folder ?? "");
  const options = useMemo(() => (names ?? []).map((label) => ({ label })), [names]);
  const name = typeof value === "string" && value !== "" ? value : undefined;
  const gone = name !== undefined && names !== undefined && !names.includes(name);
  const nearest = gone ? near(name, names) : undefined;
  const take = (label: string) => {
    change(label);
    done();
  };
  return (
    <>
      <ChoiceButton
        shown={name}
        spoken={spoken}
        list={(open) => (
          <ChoicePopup
            {...open}
            name={spoken["aria-label"]}
            options={options}
            chosen={options.find(({ label }) => label === name) ?? null}
            pick={({ label }) => take(label)}
            extra={<Refresh />}
            empty={names === undefined ? t("widgets.loading") : undefined}
          />
        )}
      />
      {gone ? <Refresh /> : null}
      {gone && !spoken["aria-invalid"] ? (
        <FaultMark
          mild
          message={t("widgets.fault.model", { value: name })}
          fix={
            typeof nearest === "string"
              ? { label: t("widgets.fix.use", { value: nearest }), run: () => take(nearest) }
              : undefined
          }
        />
      ) : null}
    </>
  );
}

function Refresh() {
  const t = useText();
  const loading = useModelsLoading();
  return (
    <WidgetButton
      icon={<RefreshCw className={loading ? "widget-turning" : undefined} />}
      label={t("widgets.refresh")}
      onClick={() => void loadModels()}
    />
  );
}
