/** One of some values. */

import { useMemo } from "react";
import type { Json } from "../graph/workflow";
import { ChoiceButton } from "./ChoiceButton";
import { ChoicePopup, type Option } from "./ChoicePopup";
import { shown } from "./checks";
import type { KindProps } from "./kinds";

interface ValueOption extends Option {
  readonly value: Json;
}

const NONE: readonly Json[] = [];

export function ChoiceWidget({ widget, value, change, done, spoken }: KindProps) {
  const values = widget.options ?? NONE;
  const options = useMemo(
    () => values.map((one): ValueOption => ({ label: shown(one), value: one })),
    [values],
  );
  return (
    <ChoiceButton
      shown={value === undefined || value === null ? undefined : shown(value)}
      spoken={spoken}
      list={(open) => (
        <ChoicePopup
          {...open}
          name={spoken["aria-label"]}
          options={options}
          chosen={options.find((one) => one.value === value) ?? null}
          pick={(option) => {
            change(option.value);
            done();
          }}
        />
      )}
    />
  );
}
