/** A title that is being typed: Enter or going away keeps it, Escape does not. */

import { type KeyboardEvent, useRef } from "react";
import { frameOf } from "../commands/focus";
import { useText } from "../text/catalogue";
import { setTitle } from "./looks";
import { write } from "./store";
import { useFirstFocus } from "./useFirstFocus";

interface TitleFieldProps {
  readonly id: string;
  readonly title: string;
  /** Shown while it is empty. */
  readonly placeholder?: string;
}

export function TitleField({ id, title, placeholder }: TitleFieldProps) {
  const t = useText();
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  const end = (keep: boolean, back: boolean) => {
    if (done.current) return;
    done.current = true;
    const typed = field.current?.value ?? title;
    if (keep && typed !== title) setTitle(id, typed);
    write(null);
    if (back) requestAnimationFrame(() => drawnBox(id)?.focus({ preventScroll: true }));
  };
  const onBlur = useFirstFocus(field, () => end(true, false));
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.nativeEvent.isComposing) end(true, true);
    if (event.key === "Escape") end(false, true);
  };
  return (
    <input
      ref={field}
      className="editing-title nodrag nopan"
      defaultValue={title}
      placeholder={placeholder}
      aria-label={t("editing.title")}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
    />
  );
}

/** The focusable element of a node, a frame or a note. */
export function drawnBox(id: string): HTMLElement | null {
  const box = document.querySelector<HTMLElement>(`.react-flow [data-box="${CSS.escape(id)}"]`);
  return box?.closest<HTMLElement>(".react-flow__node") ?? frameOf(id);
}
