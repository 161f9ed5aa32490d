/** Seeds: a number that is kept, or a new one for each run. */

import { Dices, Pin } from "lucide-react";
import { drawSeed, RANDOM } from "../graph/drawn";
import { useText } from "../text/catalogue";
import { Menu, type MenuItem } from "../ui/Menu";
import type { KindProps } from "./kinds";
import { NumberField } from "./NumberWidget";
import { isFigure, showFigure } from "./numbers";
import { useLastSeed } from "./seeds";
import { WidgetButton } from "./WidgetButton";

export function SeedWidget(props: KindProps) {
  const { node, input, value, change, done } = props;
  const t = useText();
  const last = useLastSeed(node, input.name);
  const random = value === RANDOM;
  const take = (seed: typeof value) => {
    if (seed === undefined) return;
    change(seed);
    done();
  };
  const seed = showFigure(last);
  const items: MenuItem[] = [
    { label: t("widgets.seed.random"), checked: random, run: () => take(RANDOM) },
    {
      label: t("widgets.seed.keep"),
      checked: !random,
      run: () => (random ? take(last ?? drawSeed()) : undefined),
    },
    {
      label: last === undefined ? t("widgets.seed.noLast") : t("widgets.seed.last", { seed }),
      disabled: last === undefined || last === value,
      run: () => take(last),
    },
    { label: t("widgets.seed.roll"), run: () => take(drawSeed()) },
  ];
  const mode = t(random ? "widgets.seed.random" : "widgets.seed.keep");
  const hint = last === undefined ? t("widgets.seed.shown") : t("widgets.seed.shownLast", { seed });
  return (
    <>
      <NumberField {...props} placeholder={random && !isFigure(value) ? hint : undefined} />
      <Menu
        items={items}
        trigger={
          <WidgetButton
            icon={random ? <Dices /> : <Pin />}
            label={t("widgets.seed.mode", { name: input.label ?? input.name, mode })}
          />
        }
      />
    </>
  );
}
