/** Texts of several lines; in prompts with weights by key, and names of embeddings to choose. */

import {
  type KeyboardEvent,
  type RefObject,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Completion } from "./Completion";
import { shown } from "./checks";
import { type Begun, bareNames, begunName, namesLike } from "./completion";
import type { KindProps } from "./kinds";
import { useModelNames } from "./models";
import { typed } from "./replacing";
import { changeWeight, type Edited } from "./weights";

const STEP = 0.1;
const FINE_STEP = 0.01;
const NONE: readonly string[] = [];

export function PromptWidget(props: KindProps) {
  return props.widget.prompt ? <Prompt {...props} /> : <Area {...props} />;
}

function Area({ value, change, done, spoken }: KindProps) {
  return (
    <textarea
      className="widget-input widget-area"
      {...spoken}
      value={textOf(value)}
      onChange={(event) => change(event.target.value)}
      onFocus={wheelWhileFocused.onFocus}
      onBlur={(event) => {
        wheelWhileFocused.onBlur(event);
        done();
      }}
    />
  );
}

function Prompt({ value, change, done, spoken }: KindProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const select = useSelectionAfter(area);
  const text = textOf(value);
  const put = (made: Edited) => {
    const field = area.current;
    if (field && typed(field, made.text)) field.setSelectionRange(made.start, made.end);
    else {
      select(made.start, made.end);
      change(made.text);
    }
  };
  const completion = useCompletion(text, put);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (completion.onKey(event)) return;
    const step = event.shiftKey ? FINE_STEP : STEP;
    const up = event.key === "ArrowUp";
    if (!(event.ctrlKey || event.metaKey) || !(up || event.key === "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    const { selectionStart, selectionEnd } = event.currentTarget;
    put(changeWeight(text, selectionStart, selectionEnd, up ? step : -step));
    completion.close();
  };
  const { names, at, pick } = completion;
  const open = names.length > 0;
  return (
    <>
      <textarea
        ref={area}
        className="widget-input widget-area"
        {...spoken}
        aria-autocomplete="list"
        aria-controls={open ? list : undefined}
        aria-activedescendant={open ? `${list}-${at}` : undefined}
        value={text}
        onChange={(event) => {
          change(event.target.value);
          completion.look(event.target.value, event.target.selectionStart);
        }}
        onKeyDown={onKeyDown}
        onClick={completion.close}
        onFocus={wheelWhileFocused.onFocus}
        onBlur={(event) => {
          wheelWhileFocused.onBlur(event);
          completion.close();
          done();
        }}
      />
      {open ? <Completion id={list} anchor={area} names={names} at={at} pick={pick} /> : null}
    </>
  );
}

/** What there is to choose from at the caret, and which of it is marked. */
function useCompletion(text: string, put: (made: Edited) => void) {
  const files = useModelNames("embeddings") ?? NONE;
  const all = useMemo(() => bareNames(files), [files]);
  const [begun, setBegun] = useState<Begun>();
  const [at, setAt] = useState(0);
  const names = begun ? namesLike(begun.part, all) : NONE;
  const close = () => setBegun(undefined);
  const pick = (name: string) => {
    if (begun === undefined) return;
    const end = begun.start + name.length;
    put({ text: text.slice(0, begun.start) + name + text.slice(begun.end), start: end, end });
    close();
  };
  const keys: { readonly [key: string]: () => void } = {
    ArrowDown: () => setAt((at + 1) % names.length),
    ArrowUp: () => setAt((at + names.length - 1) % names.length),
    Enter: () => pick(names[at] ?? ""),
    Tab: () => pick(names[at] ?? ""),
    Escape: close,
  };
  return {
    names,
    at,
    pick,
    close,
    look: (now: string, caret: number) => {
      setBegun(begunName(now, caret));
      setAt(0);
    },
    onKey: (event: KeyboardEvent): boolean => {
      const does = keys[event.key];
      if (names.length === 0 || does === undefined || event.ctrlKey || event.metaKey) return false;
      event.preventDefault();
      event.stopPropagation();
      does();
      return true;
    },
  };
}

/** Sets the selection once a changed text is in the field. */
function useSelectionAfter(area: RefObject<HTMLTextAreaElement | null>) {
  const wanted = useRef<readonly [number, number] | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    area.current?.setSelectionRange(...wanted.current);
    wanted.current = null;
  });
  return (start: number, end: number) => {
    wanted.current = [start, end];
  };
}

/** The wheel scrolls the text that is being written, and zooms the canvas over all others. */
const wheelWhileFocused = {
  onFocus: ({ currentTarget }: { currentTarget: Element }) =>
    currentTarget.classList.add("nowheel"),
  onBlur: ({ currentTarget }: { currentTarget: Element }) =>
    currentTarget.classList.remove("nowheel"),
};

function textOf(value: KindProps["value"]): string {
  return value === undefined || value === null ? "" : shown(value);
}
