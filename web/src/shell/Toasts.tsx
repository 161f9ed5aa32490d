/** Short messages: read aloud, gone after a while unless they tell of an error. */

import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useRuns } from "../store/runs";
import { dismiss, dismissWhere, type Toast, useToasts } from "../store/toasts";
import { useText } from "../text/catalogue";
import { Button, IconButton } from "../ui/Button";
import "./toasts.css";

const SHOWN_MS = 6000;
/** How many messages of either sort are on the screen: the rest is counted. */
const MOST = 3;
const ICONS = { info: Info, success: CircleCheck, error: CircleAlert };

/** The regions are always there: a reader only tells of changes in what it already knows. */
export function Toasts() {
  const t = useText();
  const toasts = useToasts((state) => state.toasts);
  const connected = useRuns((state) => state.connected);
  useEffect(() => {
    if (connected) dismissWhere((toast) => toast.away === true);
  }, [connected]);
  const errors = toasts.filter((toast) => toast.kind === "error");
  const others = toasts.filter((toast) => toast.kind !== "error");
  return (
    <section className="toasts" aria-label={t("shell.messages")}>
      <div role="status" aria-live="polite">
        {others.slice(-MOST).map((toast) => (
          <Message key={toast.id} toast={toast} />
        ))}
      </div>
      <Hidden errors={errors} />
      <div role="alert" aria-live="assertive">
        {errors.slice(-MOST).map((toast) => (
          <Message key={toast.id} toast={toast} />
        ))}
      </div>
    </section>
  );
}

/** The errors that there is no room for come when others are closed. */
function Hidden({ errors }: { errors: readonly Toast[] }) {
  const t = useText();
  if (errors.length <= MOST) return null;
  return (
    <div className="toast-hidden">
      <div className="toast">
        <span className="toast-text">
          {t("shell.moreMessages", { count: errors.length - MOST })}
        </span>
        <Button onClick={() => dismissWhere((toast) => toast.kind === "error")}>
          {t("shell.closeMessages")}
        </Button>
      </div>
    </div>
  );
}

function Message({ toast }: { toast: Toast }) {
  const t = useText();
  const [held, hold] = useState(false);
  const connected = useRuns((state) => state.connected);
  // One answer may fail while the connection holds: that is over as well.
  const passes = toast.kind !== "error" || (toast.away && connected);
  const goes = passes && !held;
  useEffect(() => {
    if (!goes) return;
    const timer = setTimeout(() => dismiss(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [goes, toast.id, toast.count]);
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
      {toast.count > 1 ? (
        <span className="toast-count">{t("shell.times", { count: toast.count })}</span>
      ) : null}
      {action ? <Button onClick={act}>{action.label}</Button> : null}
      <IconButton icon={<X />} label={t("common.close")} onClick={() => dismiss(toast.id)} />
    </div>
  );
}
