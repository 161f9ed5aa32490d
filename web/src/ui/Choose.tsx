/** One of a few, all of them seen; and a switch. */

import { type ReactNode, useId } from "react";
import "./choose.css";

export interface ChooseProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: T;
    readonly label: string;
    readonly icon?: ReactNode;
  }[];
  readonly onChange: (value: T) => void;
}

export function Choose<T extends string>({ label, value, options, onChange }: ChooseProps<T>) {
  const name = useId();
  return (
    <fieldset className="ui-choose">
      <legend>{label}</legend>
      <div className="ui-choose-row">
        {options.map((option) => (
          <label key={option.value} className="ui-choose-option">
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.icon}
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export interface SwitchProps {
  readonly label: string;
  readonly about?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ label, about, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="ui-switch">
      <div>
        <label htmlFor={id}>{label}</label>
        {about ? <p id={`${id}-about`}>{about}</p> : null}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        aria-describedby={about ? `${id}-about` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}
