/** A part that fails leaves the rest of the page as it is. */

import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Guard } from "../../src/ui/Guard";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

let broken = true;

function Part() {
  if (broken) throw new Error("no such thing");
  return <p>whole</p>;
}

function draw(silent: boolean) {
  broken = true;
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  render(
    <>
      <p>the rest</p>
      <Guard silent={silent}>
        <Part />
      </Guard>
    </>,
  );
}

test("it says what is wrong, and shows the part again when asked", () => {
  draw(false);
  expect(screen.getByText("the rest")).toBeDefined();
  expect(screen.getByRole("alert").textContent).toContain("no such thing");

  broken = false;
  fireEvent.click(screen.getByRole("button"));

  expect(screen.getByText("whole")).toBeDefined();
});

test("what stands nowhere of its own says nothing", () => {
  draw(true);
  expect(screen.getByText("the rest")).toBeDefined();
  expect(screen.queryByRole("alert")).toBeNull();
});
