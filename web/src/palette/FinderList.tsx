/** The items of a finder: the marked one is in sight, a press takes one. */

import { ChevronRight } from "lucide-react";
import { Fragment, useEffect, useRef } from "react";
import { keysText } from "../ui/keys";
import type { Item } from "./Finder";

/** More than anybody looks through; typing finds the rest. */
const SHOWN = 200;

interface FinderListProps {
  readonly id: string;
  readonly label: string;
  readonly items: readonly Item[];
  readonly marked: number;
  readonly onMark: (place: number) => void;
  readonly onChoose: (id: string) => void;
}

export function FinderList({ id, label, items, marked, onMark, onChoose }: FinderListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-place="${marked}"]`)?.scrollIntoView({ block: "nearest" });
  }, [marked]);
  return (
    <div ref={list} id={id} className="palette-list" role="listbox" aria-label={label}>
      {items.slice(0, SHOWN).map((item, place) => (
        <Fragment key={item.id}>
          {item.group && item.group !== items[place - 1]?.group ? (
            <div className="palette-group" role="presentation">
              {item.group}
            </div>
          ) : null}
          <Option
            id={`${id}-${place}`}
            item={item}
            place={place}
            marked={place === marked}
            onMark={onMark}
            onChoose={onChoose}
          />
        </Fragment>
      ))}
    </div>
  );
}

interface OptionProps {
  readonly id: string;
  readonly item: Item;
  readonly place: number;
  readonly marked: boolean;
  readonly onMark: (place: number) => void;
  readonly onChoose: (id: string) => void;
}

function Option({ id, item, place, marked, onMark, onChoose }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the search field's, which keeps the focus
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={marked}
      aria-disabled={item.disabled}
      className="palette-item"
      data-place={place}
      data-item={item.id}
      onPointerMove={() => (marked ? undefined : onMark(place))}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => (item.disabled ? undefined : onChoose(item.id))}
    >
      {item.color ? <span className="palette-dot" style={{ background: item.color }} /> : null}
      {item.icon}
      <span className="palette-name">{item.label}</span>
      {item.detail ? <span className="palette-detail">{item.detail}</span> : null}
      {item.keys ? <kbd className="palette-keys">{keysText(item.keys)}</kbd> : null}
      {item.more ? <ChevronRight className="palette-more" aria-hidden="true" /> : null}
    </div>
  );
}
