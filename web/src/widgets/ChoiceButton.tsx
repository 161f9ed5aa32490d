/** What is chosen, as a button that opens the list; typing on it begins a search. */

import { ChevronDown } from "lucide-react";
import { type KeyboardEvent, type ReactNode, type RefObject, useRef, useState } from "react";
import { useText } from "../text/catalogue";
import type { Spoken } from "./kinds";

export interface OpenChoice {
  readonly anchor: RefObject<HTMLButtonElement | null>;
  readonly onClose: () => void;
  /** What was typed on the button. */
  readonly initial: string;
}

export interface ChoiceButtonProps {
  readonly shown: string | undefined;
  readonly spoken: Spoken;
  /** Draws the list while it is open. */
  readonly list: (open: OpenChoice) => ReactNode;
}

export function ChoiceButton({ shown, spoken, list }: ChoiceButtonProps) {
  const t = useText();
  const anchor = useRef<HTMLButtonElement>(null);
  const [initial, setInitial] = useState<string | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "ArrowDown" || key === "ArrowUp") setInitial("");
    else if (key.length === 1 && key !== " ") setInitial(key);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <button
        ref={anchor}
        type="button"
        role="combobox"
        aria-haspopup="listbox"
        aria-expanded={initial !== null}
        className="widget-input widget-select"
        {...spoken}
        onClick={() => setInitial("")}
        onKeyDown={onKeyDown}
      >
        <span className="widget-shown">{shown ?? t("widgets.choose")}</span>
        <ChevronDown />
      </button>
      {initial === null ? null : list({ anchor, initial, onClose: () => setInitial(null) })}
    </>
  );
}
