// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { InputSchema, Widget } from "../../src/graph/schema";
import { NumberField } from "../../src/widgets/NumberWidget";

afterEach(cleanup);

it("Enter takes the number and leaves the field, so that keys are the canvas's again", () => {
  const change = vi.fn();
  const widget: Widget = { kind: "int" } as Widget;
  const spoken = {
    "aria-label": "steps",
    "aria-description": undefined,
    "aria-invalid": undefined,
  };
  const input = { name: "steps", widget } as unknown as InputSchema;
  render(<NumberField {...{ node: "a", input, widget, value: 1, change, done() {}, spoken }} />);
  const field = screen.getByRole<HTMLInputElement>("textbox");
  field.focus();
  fireEvent.change(field, { target: { value: "2*3" } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(change).toHaveBeenLastCalledWith(6);
  expect(document.activeElement).toBe(document.body);
});
