// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { Workflow } from "../../src/graph/workflow";
import { useBatch } from "../../src/running/batch";
import { RunMany } from "../../src/running/RunMany";
import { seedTitle } from "../../src/running/seeds";

afterEach(cleanup);

const count = () => screen.getByRole<HTMLInputElement>("spinbutton");
const start = () => screen.getByRole<HTMLButtonElement>("button", { name: /^Queue/ });

it("a count that cannot be is said, not changed to another", () => {
  useBatch.setState({ open: true });
  render(<RunMany />);
  for (const wrong of ["100000", "", "1.5", "0"]) {
    fireEvent.change(count(), { target: { value: wrong } });
    expect(screen.getByRole("alert").textContent).toContain("1 to 100");
    expect(count().value).toBe(wrong);
    expect(start().disabled).toBe(true);
  }
  fireEvent.change(count(), { target: { value: "7" } });
  expect(screen.queryByRole("alert")).toBeNull();
  expect(start().textContent).toBe("Queue 7");
  expect(start().disabled).toBe(false);
});

it("seeds are called by the titles of their nodes", () => {
  const body: Workflow = {
    nodegraph: 1,
    nodes: { s: { type: "X" } },
    layout: { s: { title: "Draw" } },
  };
  const doc = {
    nodegraph: 1,
    nodes: { face: { type: "Sub", inputs: { body } } },
    layout: { face: { title: "Face" } },
  } as unknown as Workflow;
  const field = { path: ["face"], node: "s", input: "seed", value: 1, max: undefined };
  expect(seedTitle(doc, field)).toBe("Face › Draw · seed");
});
