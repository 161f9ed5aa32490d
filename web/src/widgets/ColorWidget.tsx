/** Colours: a text such as `#3060ff`, with the browser's own picker beside it. */

import { useText } from "../text/catalogue";
import { FaultMark } from "./FaultMark";
import { isColor, type KindProps } from "./kinds";
import { TextWidget } from "./TextWidget";

export function ColorWidget(props: KindProps) {
  const t = useText();
  const { value, change, done, spoken, input } = props;
  const known = isColor(value);
  const back = input.default;
  return (
    <>
      <TextWidget {...props} />
      <input
        type="color"
        className="widget-color"
        aria-label={t("widgets.color", { name: spoken["aria-label"] })}
        value={known ? value : "#000000"}
        onChange={(event) => change(event.target.value)}
        onBlur={done}
      />
      {known || value === undefined ? null : (
        <FaultMark
          mild
          message={t("widgets.fault.color")}
          fix={
            isColor(back)
              ? { label: t("widgets.fix.use", { value: back }), run: () => change(back) }
              : undefined
          }
        />
      )}
    </>
  );
}
