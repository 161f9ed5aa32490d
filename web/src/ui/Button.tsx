/** Buttons: with words, or with an icon and a label for those who do not see it. */

import { Button as Base } from "@base-ui/react/button";
import type { ComponentProps, ReactNode } from "react";
import { Hint } from "./Hint";
import "./button.css";

type Kind = "plain" | "primary" | "quiet" | "danger";

export interface ButtonProps extends Omit<ComponentProps<"button">, "className"> {
  readonly kind?: Kind;
}

export function Button({ kind = "plain", ...props }: ButtonProps) {
  return <Base type="button" className={`ui-button ui-${kind}`} {...props} />;
}

export interface IconButtonProps extends Omit<ButtonProps, "children" | "aria-label"> {
  readonly icon: ReactNode;
  readonly label: string;
  /** Shown beside the label, such as the keys that do the same. */
  readonly keys?: string;
  readonly pressed?: boolean;
  /** Where the hint stands. */
  readonly side?: "top" | "bottom" | "left" | "right";
}

export function IconButton({
  icon,
  label,
  keys,
  pressed,
  side = "bottom",
  kind = "quiet",
  ...props
}: IconButtonProps) {
  return (
    <Hint text={keys ? `${label} (${keys})` : label} side={side}>
      <Base
        type="button"
        className={`ui-button ui-icon ui-${kind}`}
        aria-label={label}
        aria-pressed={pressed}
        {...props}
      >
        {icon}
      </Base>
    </Hint>
  );
}
