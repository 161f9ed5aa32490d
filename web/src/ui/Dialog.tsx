/** A window over the page: Escape and the cross close it, the focus stays inside. */

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useText } from "../text/catalogue";
import { IconButton } from "./Button";
import "./dialog.css";

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** Buttons at the bottom. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
}

export function Dialog({ open, onClose, title, children, actions, wide = false }: DialogProps) {
  const t = useText();
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(now) => (now ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="ui-dialog-backdrop" />
        <Base.Popup
          ref={popup}
          data-modal
          className={wide ? "ui-dialog ui-wide" : "ui-dialog"}
          initialFocus={(how) => firstIn(popup.current, how === "touch")}
        >
          <header className="ui-dialog-head">
            <Base.Title className="ui-dialog-title">{title}</Base.Title>
            <IconButton icon={<X />} label={t("common.close")} onClick={onClose} />
          </header>
          <div className="ui-dialog-body">{children}</div>
          {actions ? <footer className="ui-dialog-actions">{actions}</footer> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** The first field or else the window itself; a finger shall not bring up the keyboard. */
function firstIn(popup: HTMLElement | null, touched: boolean): HTMLElement | null {
  const fields = "input:not([type=radio]), :checked, textarea, select";
  const field = popup?.querySelector<HTMLElement>(`.ui-dialog-body :is(${fields})`);
  return touched ? popup : (field ?? popup);
}
