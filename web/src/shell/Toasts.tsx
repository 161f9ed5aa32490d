/** Short messages: read aloud, gone after a while unless they tell of an error. */

import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { useEffect, useState } from "react";
import { dismiss, type Toast, useToasts } from "../store/toasts";
import { useText } from "../text/catalogue";
import { Button, IconButton } from "../ui/Button";
import "./toasts.css";

const SHOWN_MS = 6000;
const ICONS = { info: Info, success: CircleCheck, error: CircleAlert };

/** The regions are always there: a reader only tells of changes in what it already knows. */
export function Toasts() {
  const t = useText();
  const toasts = useToasts((state) => state.toasts);
  const errors = toasts.filter((toast) => toast.kind === "error");
  const others = toasts.filter((toast) => toast.kind !== "error");
  return (
    <section className="toasts" aria-label={t("shell.messages")}>
      <div role="status" aria-live="polite">
        {others.map((toast) => (
          <Message key={toast.id} toast={toast} />
        ))}
      </div>
      <div role="alert" aria-live="assertive">
        {errors.map((toast) => (
          <Message key={toast.id} toast={toast} />
        ))}
      </div>
    </section>
  );
}

function Message({ toast }: { toast: Toast }) {
  const t = useText();
  const [held, hold] = useState(false);
  const goes = toast.kind !== "error" && !toast.lasting && !held;
  useEffect(() => {
    if (!goes) return;
    const timer = setTimeout(() => dismiss(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [goes, toast.id]);
  const Icon = ICONS[toast.kind];
  const { action } = toast;
  const act = () => {
    dismiss(toast.id);
    action?.run();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: resting on it only keeps it
    <div
      className={`toast toast-${toast.kind}`}
      onMouseEnter={() => hold(true)}
      onMouseLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      <Icon aria-hidden />
      <span className="toast-text">{toast.text}</span>
      {action ? <Button onClick={act}>{action.label}</Button> : null}
      <IconButton icon={<X />} label={t("common.close")} onClick={() => dismiss(toast.id)} />
    </div>
  );
}
