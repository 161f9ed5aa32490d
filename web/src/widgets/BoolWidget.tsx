/** Yes or no. */

import type { KindProps } from "./kinds";

export function BoolWidget({ value, change, done, spoken }: KindProps) {
  return (
    <span className="widget-control widget-bool">
      <input
        type="checkbox"
        role="switch"
        className="widget-switch"
        {...spoken}
        checked={value === true}
        aria-checked={value === true}
        onChange={(event) => {
          change(event.target.checked);
          done();
        }}
      />
    </span>
  );
}
