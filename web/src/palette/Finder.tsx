/** A list that is searched by typing: arrows go through it, Enter takes, Escape closes. */

import { Dialog } from "@base-ui/react/dialog";
import { Search } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Point } from "../graph/edits";
import { useText } from "../text/catalogue";
import { destination } from "../ui/listKeys";
import { FinderList } from "./FinderList";
import "./palette.css";

export interface Item {
  readonly id: string;
  readonly label: string;
  /** Beside the label, in quieter letters. */
  readonly detail?: string | undefined;
  /** A heading over the first item of a group. */
  readonly group?: string | undefined;
  /** A CSS colour of a dot before the label. */
  readonly color?: string | undefined;
  readonly icon?: ReactNode;
  readonly keys?: string | undefined;
  readonly disabled?: boolean;
  /** Leads to more items, rather than being taken. */
  readonly more?: boolean;
}

export interface FinderProps {
  readonly label: string;
  readonly placeholder: string;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly items: readonly Item[];
  readonly onChoose: (id: string) => void;
  readonly onClose: () => void;
  /** Steps back where something was opened; called by Backspace in the empty field too. */
  readonly onBack?: (() => void) | undefined;
  /** Over the list: where one is. */
  readonly head?: ReactNode;
  /** Beside the list: what the item that is marked is. */
  readonly about?: ((id: string) => ReactNode) | undefined;
  /** On the screen; in the middle if not given. */
  readonly at?: Point | undefined;
}

export function Finder(props: FinderProps) {
  const { at, about, label, onClose } = props;
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="palette-back" />
        <Dialog.Popup
          className={about ? "palette palette-wide" : "palette"}
          style={at && { "--palette-x": `${at.x}px`, "--palette-y": `${at.y}px` }}
          data-placed={at ? "" : undefined}
          aria-label={label}
          initialFocus={field}
          finalFocus={false}
        >
          <Body {...props} field={field} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface BodyProps extends FinderProps {
  readonly field: React.RefObject<HTMLInputElement | null>;
}

function Body(props: BodyProps) {
  const { items, query, about, head, label, field } = props;
  const t = useText();
  const list = useId();
  const [marked, setMarked] = useMarked(items, query);
  const item = items[marked];
  return (
    <>
      <div className="palette-search">
        <Search aria-hidden="true" />
        <input
          ref={field}
          className="palette-field"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={item ? `${list}-${marked}` : undefined}
          aria-autocomplete="list"
          aria-label={label}
          autoComplete="off"
          spellCheck={false}
          placeholder={props.placeholder}
          value={query}
          onChange={(event) => props.onQuery(event.target.value)}
          onKeyDown={(event) => answer(event, props, marked, setMarked)}
        />
      </div>
      {head}
      <div className="palette-body">
        <FinderList
          id={list}
          label={label}
          items={items}
          marked={marked}
          onMark={setMarked}
          onChoose={props.onChoose}
        />
        {about ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what is long is scrolled with keys
          <section className="palette-about" tabIndex={0} aria-label={t("palette.about")}>
            {item ? about(item.id) : null}
          </section>
        ) : null}
      </div>
      <p className="palette-count" role="status">
        {items.length === 0 ? t("palette.nothing") : t("palette.found", { count: items.length })}
      </p>
    </>
  );
}

/** The first item is marked anew whenever the list is another. */
function useMarked(items: readonly Item[], query: string) {
  const [marked, setMarked] = useState(0);
  const first = items.findIndex((item) => !item.disabled);
  const shown = `${query}\n${items[0]?.id ?? ""}\n${items.length}`;
  useEffect(() => {
    if (shown !== "") setMarked(Math.max(0, first));
  }, [shown, first]);
  return [Math.min(marked, Math.max(0, items.length - 1)), setMarked] as const;
}

function answer(
  event: KeyboardEvent<HTMLInputElement>,
  { items, query, onChoose, onBack }: FinderProps,
  marked: number,
  mark: (place: number) => void,
): void {
  const item = items[marked];
  const last = items.length - 1;
  const to = destination(event.key, marked, last);
  if (to !== undefined) mark(to);
  else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
    if (item && !item.disabled) onChoose(item.id);
  } else if (event.key === "ArrowRight" && query === "" && item?.more) onChoose(item.id);
  else if ((event.key === "Backspace" || event.key === "ArrowLeft") && query === "" && onBack) {
    onBack();
  } else return;
  event.preventDefault();
}
