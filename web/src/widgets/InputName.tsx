/** The name of an input, with its menu and its tooltip. */

import { type PointerEvent, useRef, useState } from "react";
import { useText } from "../text/catalogue";
import type { WidgetProps } from "./kinds";
import { WidgetHint } from "./WidgetHint";
import { WidgetMenu } from "./WidgetMenu";

export interface InputNameProps {
  readonly target: WidgetProps;
  readonly className: string;
  /** Whether the menu is open. */
  readonly menu: boolean;
  readonly setMenu: (open: boolean) => void;
}

const REST_MS = 500;

export function InputName({ target, className, menu, setMenu }: InputNameProps) {
  const t = useText();
  const button = useRef<HTMLButtonElement>(null);
  const hint = useRest();
  const name = target.input.label ?? target.input.name;
  const open = () => {
    hint.leave();
    setMenu(true);
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        // The menu opens by key on the control itself: one stop for Tab is enough.
        tabIndex={-1}
        className={className}
        aria-label={t("widgets.menu", { name })}
        aria-haspopup="menu"
        aria-expanded={menu}
        onClick={open}
        onContextMenu={(event) => {
          event.preventDefault();
          event.stopPropagation();
          open();
        }}
        onPointerEnter={hint.enter}
        onPointerLeave={hint.leave}
      >
        {name}
      </button>
      {menu ? <WidgetMenu target={target} anchor={button} onClose={() => setMenu(false)} /> : null}
      {hint.resting && !menu ? <WidgetHint target={target} anchor={button} /> : null}
    </>
  );
}

/** Whether a mouse rests on something; a finger asks for the menu, which says the same. */
function useRest() {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [resting, setResting] = useState(false);
  return {
    resting,
    enter: (event: PointerEvent) => {
      if (event.pointerType !== "mouse") return;
      timer.current = setTimeout(() => setResting(true), REST_MS);
    },
    leave: () => {
      clearTimeout(timer.current);
      setResting(false);
    },
  };
}
