/** What every widget has around it: its name with a menu, its tooltip, what is wrong with it. */

import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useText } from "../text/catalogue";
import { setOnce } from "./change";
import { shown } from "./checks";
import { FaultMark } from "./FaultMark";
import { InputName } from "./InputName";
import type { WidgetProps } from "./kinds";
import type { Wrong } from "./wrong";

export interface WidgetFrameProps {
  readonly target: WidgetProps;
  readonly tall: boolean;
  readonly wrong: Wrong | undefined;
  /** Whether what is shown is set outside of the open subgraph. */
  readonly outside?: boolean;
  readonly children: ReactNode;
}

export function WidgetFrame({ target, tall, wrong, outside, children }: WidgetFrameProps) {
  const t = useText();
  const [menu, setMenu] = useState(false);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    setMenu(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the control within bubble here
    <div
      className={tall ? "widget widget-tall" : "widget"}
      data-widget={target.input.name}
      data-wrong={wrong ? true : undefined}
      data-outside={outside || undefined}
      title={outside ? t("widgets.outside") : undefined}
      onKeyDown={onKeyDown}
    >
      {children}
      {wrong ? <WrongMark target={target} wrong={wrong} /> : null}
      <InputName target={target} className="widget-label" menu={menu} setMenu={setMenu} />
    </div>
  );
}

export function WrongMark({ target, wrong }: { target: WidgetProps; wrong: Wrong }) {
  const t = useText();
  const { nearest, reset, message } = wrong;
  const use = () => nearest !== undefined && setOnce(target.node, target.input.name, nearest);
  const fix =
    nearest !== undefined
      ? { label: t("widgets.fix.use", { value: shown(nearest) }), run: use }
      : reset && { label: t("widgets.fix.reset"), run: reset };
  return <FaultMark message={message} fix={fix} />;
}
