/** A window over the page: Escape and the cross close it, the focus stays inside. */

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
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
  return (
    <Base.Root open={open} onOpenChange={(now) => (now ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="ui-dialog-backdrop" />
        <Base.Popup className={wide ? "ui-dialog ui-wide" : "ui-dialog"}>
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
