/** Texts of one line. */

import { shown } from "./checks";
import type { KindProps } from "./kinds";

export function TextWidget({ value, change, done, spoken }: KindProps) {
  return (
    <input
      className="widget-input"
      type="text"
      {...spoken}
      value={value === undefined || value === null ? "" : shown(value)}
      onChange={(event) => change(event.target.value)}
      onBlur={done}
    />
  );
}
