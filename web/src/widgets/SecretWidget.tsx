/** Secrets: masked, until somebody asks to see them. */

import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { useText } from "../text/catalogue";
import { shown } from "./checks";
import type { KindProps } from "./kinds";
import { WidgetButton } from "./WidgetButton";

export function SecretWidget({ value, change, done, spoken }: KindProps) {
  const t = useText();
  const [visible, setVisible] = useState(false);
  return (
    <>
      <input
        className="widget-input"
        type={visible ? "text" : "password"}
        autoComplete="off"
        spellCheck={false}
        {...spoken}
        value={value === undefined || value === null ? "" : shown(value)}
        onChange={(event) => change(event.target.value)}
        onBlur={done}
      />
      <WidgetButton
        icon={visible ? <EyeOff /> : <Eye />}
        label={t(visible ? "widgets.secret.hide" : "widgets.secret.show")}
        onClick={() => setVisible(!visible)}
      />
    </>
  );
}
