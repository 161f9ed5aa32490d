/** Numbers: typed, as sums too; dragged; stepped by the arrow keys; slid where the range is small. */

import { type ChangeEvent, type KeyboardEvent, useRef } from "react";
import { useText } from "../text/catalogue";
import { evaluate } from "./arithmetic";
import { shown } from "./checks";
import { type DraftHandle, useDraft } from "./drafts";
import { FaultMark } from "./FaultMark";
import type { KindProps } from "./kinds";
import {
  isFigure,
  isPlainFigure,
  readFigure,
  showFigure,
  slideOf,
  stepped,
  takesWhole,
} from "./numbers";
import { useScrub } from "./useScrub";

export function NumberWidget(props: KindProps) {
  const { widget, value, change, done, spoken } = props;
  const t = useText();
  const slide = slideOf(widget);
  return (
    <>
      <NumberField {...props} />
      {slide && isFigure(value) ? (
        <input
          type="range"
          className="widget-slider"
          min={slide.min}
          max={slide.max}
          step={slide.step}
          value={Number(value)}
          aria-label={t("widgets.slider", { name: spoken["aria-label"] })}
          onChange={(event) => change(readFigure(event.target.value, widget) ?? value)}
          onPointerUp={done}
          onBlur={done}
        />
      ) : null}
    </>
  );
}

export function NumberField(props: KindProps & { readonly placeholder?: string }) {
  const { node, input, widget, value, change, done, spoken } = props;
  const t = useText();
  const draft = useDraft(node, input.name, value);
  const field = useRef<HTMLInputElement>(null);
  const keys = useNumberKeys(props, draft);
  const scrub = useScrub(field, {
    from: isFigure(value) ? value : undefined,
    move: (start, count) => change(stepped(start, count, widget)),
    done,
  });
  const text = draft.text ?? (isFigure(value) ? showFigure(value) : loose(value));
  const bad = draft.text !== undefined && readFigure(draft.text, widget) === undefined;
  return (
    <>
      <input
        ref={field}
        className={classOf(widget)}
        type="text"
        inputMode={takesWhole(widget) ? "numeric" : "decimal"}
        autoComplete="off"
        spellCheck={false}
        placeholder={props.placeholder}
        {...spoken}
        aria-invalid={bad || spoken["aria-invalid"]}
        value={text}
        {...keys}
        {...scrub}
      />
      {bad ? (
        <FaultMark
          message={t(faultKey(draft.text ?? "", props), { value: draft.text ?? "" })}
          fix={
            isFigure(value)
              ? { label: t("widgets.fix.back", { value: showFigure(value) }), run: draft.drop }
              : undefined
          }
        />
      ) : null}
    </>
  );
}

function classOf(widget: KindProps["widget"]): string {
  const more = slideOf(widget) ? " widget-beside" : widget.kind === "seed" ? " widget-long" : "";
  return `widget-input widget-number${more}`;
}

/** What is no number is shown as it is; a seed that is drawn is shown as nothing. */
function loose(value: KindProps["value"]): string {
  return value === undefined || value === null || value === "random" ? "" : shown(value);
}

function faultKey(text: string, { widget }: KindProps): string {
  const isNumber = evaluate(text) !== undefined;
  return isNumber && takesWhole(widget) ? "widgets.fault.whole" : "widgets.fault.number";
}

function useNumberKeys({ widget, value, change, done }: KindProps, draft: DraftHandle) {
  const before = useRef(value);
  const commit = () => {
    const found = draft.text === undefined ? undefined : readFigure(draft.text, widget);
    if (found === undefined && draft.text?.trim()) return;
    draft.drop();
    if (found !== undefined && found !== value) change(found);
    // What is taken is what Escape goes back to.
    before.current = found ?? value;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    if (key === "Enter") {
      commit();
      // The keys of the canvas are its own again; Tab still goes on from here.
      event.currentTarget.blur();
    } else if (key === "Escape") {
      draft.drop();
      if (before.current !== undefined && before.current !== value) change(before.current);
      event.currentTarget.blur();
    } else if ((key === "ArrowUp" || key === "ArrowDown") && !ctrlKey && !metaKey) {
      event.preventDefault();
      const from = (draft.text && readFigure(draft.text, widget)) || value;
      const by = (key === "ArrowUp" ? 1 : -1) * (shiftKey ? 10 : altKey ? 0.1 : 1);
      draft.drop();
      change(stepped(isFigure(from) ? from : 0, by, widget));
    }
  };
  return {
    onKeyDown,
    onFocus: () => {
      before.current = value;
    },
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      const text = event.target.value;
      const found = isPlainFigure(text) ? readFigure(text, widget) : undefined;
      if (found !== undefined && found !== value) change(found);
      draft.keep(text, found ?? value);
    },
    onBlur: () => {
      commit();
      done();
    },
  };
}
