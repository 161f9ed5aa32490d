/** What the keys of a number field do. */

import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import type { InputSchema } from "../../src/graph/schema";
import type { Json } from "../../src/graph/workflow";
import { NumberField } from "../../src/widgets/NumberWidget";

afterEach(cleanup);

const widget = { kind: "int", min: 0, max: 100 };
const input = { name: "steps", widget } as unknown as InputSchema;
const spoken = {
  "aria-label": "steps",
  "aria-description": undefined,
  "aria-invalid": undefined,
};

function Held() {
  const [value, change] = useState<Json>(20);
  return (
    <NumberField
      node="sample"
      input={input}
      widget={widget}
      value={value}
      change={change}
      done={() => undefined}
      spoken={spoken}
    />
  );
}

function draw(): HTMLInputElement {
  render(<Held />);
  const field = screen.getByRole<HTMLInputElement>("textbox");
  field.focus();
  return field;
}

function write(field: HTMLInputElement, text: string, key: string) {
  fireEvent.change(field, { target: { value: text } });
  fireEvent.keyDown(field, { key });
}

test.each(["30", "3*10"])("Escape takes back nothing that Enter took (%s)", (text) => {
  const field = draw();
  write(field, text, "Enter");
  fireEvent.keyDown(field, { key: "Escape" });
  expect(field.value).toBe("30");
});

test("Escape goes back to what was taken last", () => {
  const field = draw();
  write(field, "30", "Enter");
  write(field, "40", "Escape");
  expect(field.value).toBe("30");
});

test("Enter leaves the field, so that keys are commands again", () => {
  const field = draw();
  write(field, "30", "Enter");
  expect(document.activeElement).toBe(document.body);
});
