/** What every widget has around it: its name with a menu, its tooltip, what is wrong with it. */

import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import type { Json } from "../graph/workflow";
import { useText } from "../text/catalogue";
import { setOnce } from "./change";
import { shown } from "./checks";
import { FaultMark } from "./FaultMark";
import type { WidgetProps } from "./kinds";
import { WidgetHint } from "./WidgetHint";
import { WidgetMenu } from "./WidgetMenu";

export interface Wrong {
  readonly message: string;
  readonly nearest?: Json | undefined;
  readonly reset?: () => void;
}

export interface WidgetFrameProps {
  readonly target: WidgetProps;
  readonly tall: boolean;
  readonly wrong: Wrong | undefined;
  readonly children: ReactNode;
}

const REST_MS = 500;

export function WidgetFrame({ target, tall, wrong, children }: WidgetFrameProps) {
  const t = useText();
  const label = useRef<HTMLButtonElement>(null);
  const [menu, setMenu] = useState(false);
  const hint = useRest();
  const { name, label: shown = name } = target.input;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    setMenu(true);
  };
  const open = () => {
    hint.leave();
    setMenu(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the control within bubble here
    <div
      className={tall ? "widget widget-tall" : "widget"}
      data-widget={name}
      data-wrong={wrong ? true : undefined}
      onKeyDown={onKeyDown}
    >
      {children}
      {wrong ? <WrongMark target={target} wrong={wrong} /> : null}
      <button
        ref={label}
        type="button"
        // The menu opens by key on the control itself: one stop for Tab is enough.
        tabIndex={-1}
        className="widget-label"
        aria-label={t("widgets.menu", { name: shown })}
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
        {shown}
      </button>
      {menu ? <WidgetMenu target={target} anchor={label} onClose={() => setMenu(false)} /> : null}
      {hint.resting && !menu ? <WidgetHint target={target} anchor={label} /> : null}
    </div>
  );
}

function WrongMark({ target, wrong }: { target: WidgetProps; wrong: Wrong }) {
  const t = useText();
  const { nearest, reset, message } = wrong;
  const use = () => nearest !== undefined && setOnce(target.node, target.input.name, nearest);
  const fix =
    nearest !== undefined
      ? { label: t("widgets.fix.use", { value: shown(nearest) }), run: use }
      : reset && { label: t("widgets.fix.reset"), run: reset };
  return <FaultMark message={message} fix={fix} />;
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
