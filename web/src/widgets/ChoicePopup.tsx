/** A list to choose from, with a field that searches it; made only while it is open. */

import { Popover } from "@base-ui/react/popover";
import { Check } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { useText } from "../text/catalogue";
import { destination } from "../ui/listKeys";

export interface Option {
  readonly label: string;
  /** A small picture of it. */
  readonly picture?: string | undefined;
}

export interface ChoicePopupProps<T extends Option> {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly name: string;
  readonly options: readonly T[];
  readonly chosen: T | null;
  readonly pick: (option: T) => void;
  readonly onClose: () => void;
  /** Told what is searched for, where the options are only some of all. */
  readonly search?: (text: string) => void;
  readonly initial?: string;
  /** Beside the search field. */
  readonly extra?: ReactNode;
  readonly empty?: string;
}

export function ChoicePopup<T extends Option>(props: ChoicePopupProps<T>) {
  const { anchor, name, onClose } = props;
  const field = useRef<HTMLInputElement>(null);
  return (
    <Popover.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Popover.Portal>
        <Popover.Positioner
          anchor={anchor}
          align="start"
          sideOffset={4}
          className="widget-pop-place"
        >
          <Popover.Popup
            className="widget-pop widget-choices"
            aria-label={name}
            initialFocus={field}
            finalFocus={anchor}
          >
            <Body {...props} field={field} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface BodyProps<T extends Option> extends ChoicePopupProps<T> {
  readonly field: RefObject<HTMLInputElement | null>;
}

function Body<T extends Option>(props: BodyProps<T>) {
  const { name, options, chosen, search, extra, field } = props;
  const t = useText();
  const list = useId();
  const [query, setQuery] = useState(props.initial ?? "");
  const found = containing(options, query);
  const [marked, setMarked] = useMarked(found, query, chosen);
  const take = (option: T) => {
    props.pick(option);
    props.onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const option = found[marked];
    const to = destination(event.key, marked, found.length - 1);
    if (to !== undefined) setMarked(to);
    else if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    else if (option) take(option);
    event.preventDefault();
  };
  return (
    <>
      <div className="widget-choices-head">
        <input
          ref={field}
          className="widget-input"
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={marked < 0 ? undefined : `${list}-${marked}`}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder={t("widgets.search")}
          aria-label={t("widgets.search")}
          value={query}
          onChange={({ target }) => {
            setQuery(target.value);
            search?.(target.value);
          }}
          onKeyDown={onKeyDown}
        />
        {extra}
      </div>
      {found.length === 0 ? (
        <div className="widget-choices-none" role="status">
          {props.empty ?? t("widgets.none")}
        </div>
      ) : null}
      <Choices id={list} label={name} options={found} {...{ chosen, marked, setMarked, take }} />
    </>
  );
}

interface ChoicesProps<T extends Option> {
  readonly id: string;
  readonly label: string;
  readonly options: readonly T[];
  readonly chosen: T | null;
  readonly marked: number;
  readonly setMarked: (place: number) => void;
  readonly take: (option: T) => void;
}

function Choices<T extends Option>(props: ChoicesProps<T>) {
  const { id, label, options, chosen, marked, setMarked, take } = props;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[marked]?.scrollIntoView({ block: "nearest" });
  }, [marked]);
  return (
    <div ref={list} id={id} className="widget-choices-list" role="listbox" aria-label={label}>
      {options.map((option, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the search field's, which keeps the focus
        <div
          key={option.label}
          id={`${id}-${place}`}
          role="option"
          tabIndex={-1}
          aria-selected={option.label === chosen?.label}
          data-highlighted={place === marked || undefined}
          className="widget-choice"
          onPointerMove={() => (place === marked ? undefined : setMarked(place))}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => take(option)}
        >
          {option.picture === undefined ? null : (
            <img src={option.picture} alt="" loading="lazy" className="widget-choice-picture" />
          )}
          <span className="widget-choice-label">{option.label}</span>
          {option.label === chosen?.label ? <Check aria-hidden /> : null}
        </div>
      ))}
    </div>
  );
}

export function containing<T extends Option>(options: readonly T[], query: string): readonly T[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return options;
  return options.filter(({ label }) => label.toLowerCase().includes(wanted));
}

/** What is chosen, and of what is searched for the first: Enter takes what is marked. */
function useMarked<T extends Option>(found: readonly T[], query: string, chosen: T | null) {
  const first = query === "" ? found.findIndex(({ label }) => label === chosen?.label) : 0;
  const shown = `${query}\n${found.length}`;
  const [marked, setMarked] = useState({ shown, place: first });
  const place = marked.shown === shown ? marked.place : first;
  const set = (to: number) => setMarked({ shown, place: to });
  return [Math.min(place, found.length - 1), set] as const;
}
