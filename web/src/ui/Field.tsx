/** A labelled text field. */

import { type ChangeEvent, useId } from "react";
import "./field.css";

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onBlur?: () => void;
  readonly onEnter?: () => void;
  readonly placeholder?: string;
  /** More than one: a field of several lines. */
  readonly lines?: number;
  readonly disabled?: boolean;
  readonly fault?: string | undefined;
}

export function TextField(props: TextFieldProps) {
  const {
    label,
    value,
    onChange,
    onBlur,
    onEnter,
    placeholder,
    lines = 1,
    disabled,
    fault,
  } = props;
  const id = useId();
  const given = {
    id,
    value,
    placeholder,
    disabled,
    onBlur,
    className: "ui-field-box",
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": fault ? `${id}-fault` : undefined,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      onChange(event.target.value),
  };
  return (
    <div className="ui-field">
      <label htmlFor={id}>{label}</label>
      {lines > 1 ? (
        <textarea {...given} rows={lines} />
      ) : (
        <input
          type="text"
          {...given}
          onKeyDown={(event) => (event.key === "Enter" ? onEnter?.() : undefined)}
        />
      )}
      {fault ? (
        <span className="ui-field-fault" id={`${id}-fault`}>
          {fault}
        </span>
      ) : null}
    </div>
  );
}
