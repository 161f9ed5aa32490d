/** The edge between two areas: dragged, or moved by arrow keys. */

import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import "./splitter.css";

export interface SplitterProps {
  /** What moves: an edge that stands upright, or one that lies. */
  readonly upright: boolean;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
  readonly label: string;
  /** The id of the area that grows with the value. */
  readonly controls: string;
}

const STEP = 24;

export function Splitter({ upright, value, min, max, onChange, label, controls }: SplitterProps) {
  const from = useRef<{ at: number; value: number } | null>(null);
  const set = (wanted: number) => onChange(Math.round(Math.min(max, Math.max(min, wanted))));
  const place = (event: PointerEvent) => (upright ? event.clientX : -event.clientY);
  const start = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { at: place(event), value };
  };
  const move = (event: PointerEvent) => {
    if (from.current) set(from.current.value + place(event) - from.current.at);
  };
  const press = (event: KeyboardEvent) => {
    const sign = SIGNS[event.key];
    if (sign === undefined) return;
    event.preventDefault();
    set(value + sign * STEP);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      role="separator"
      tabIndex={0}
      className={upright ? "ui-splitter ui-splitter-upright" : "ui-splitter"}
      aria-orientation={upright ? "vertical" : "horizontal"}
      aria-label={label}
      aria-controls={controls}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={press}
    />
  );
}

const SIGNS: { readonly [key: string]: number } = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
};
