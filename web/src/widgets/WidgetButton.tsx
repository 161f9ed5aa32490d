/** A small button with an icon inside of a widget. Its tooltip is the browser's: there are many. */

import type { ComponentProps, ReactNode } from "react";

export interface WidgetButtonProps
  extends Omit<ComponentProps<"button">, "className" | "children"> {
  readonly icon: ReactNode;
  readonly label: string;
}

export function WidgetButton({ icon, label, ...props }: WidgetButtonProps) {
  return (
    <button type="button" className="widget-button" aria-label={label} title={label} {...props}>
      {icon}
    </button>
  );
}
