/** Names to choose from, under the field that keeps the focus. */

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useText } from "../text/catalogue";

export interface CompletionProps {
  readonly id: string;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly names: readonly string[];
  /** Which of them is marked. */
  readonly at: number;
  readonly pick: (name: string) => void;
}

const HEIGHT = 200;

export function Completion({ id, anchor, names, at, pick }: CompletionProps) {
  const t = useText();
  const marked = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({});
  useLayoutEffect(() => {
    const box = anchor.current?.getBoundingClientRect();
    if (box === undefined) return;
    const below = box.bottom + HEIGHT < window.innerHeight;
    const side = below ? { top: box.bottom + 4 } : { bottom: window.innerHeight - box.top + 4 };
    setPlace({ left: box.left, maxHeight: HEIGHT, ...side });
  }, [anchor]);
  useEffect(() => {
    marked.current?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return createPortal(
    <div
      id={id}
      role="listbox"
      aria-label={t("widgets.prompt.names")}
      className="widget-pop widget-completion"
      style={place}
    >
      {names.map((name, place) => (
        <div
          key={name}
          id={`${id}-${place}`}
          ref={place === at ? marked : undefined}
          role="option"
          tabIndex={-1}
          aria-selected={place === at}
          data-highlighted={place === at || undefined}
          className="widget-choice"
          // The field keeps the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            pick(name);
          }}
        >
          {name}
        </div>
      ))}
    </div>,
    document.body,
  );
}
