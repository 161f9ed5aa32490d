// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../../src/api/client";
import { attempt, submit } from "../../src/running/submit";
import { Toasts } from "../../src/shell/Toasts";
import { activeTab } from "../../src/store/documents";
import { useRuns } from "../../src/store/runs";
import { toast, useToasts } from "../../src/store/toasts";

const shown = () => [...document.querySelectorAll(".toast-text")].map((one) => one.textContent);
const unheard = () => attempt(() => Promise.reject(new ApiError(0, "offline", "no answer")));

beforeEach(() => {
  useToasts.setState({ toasts: [] });
  useRuns.setState({ connected: false });
  render(<Toasts />);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("says once what is said again, and how often", () => {
  act(() =>
    ["same", "other", "same", "same"].forEach((text) => void toast({ kind: "error", text })),
  );
  expect(shown()).toEqual(["other", "same"]);
  expect(screen.getByRole("alert").textContent).toContain("3 times");
});

it("keeps apart what can be undone each for itself", () => {
  const action = { label: "Undo", run: () => undefined };
  act(() => [1, 2].forEach(() => void toast({ kind: "info", text: "Deleted", action })));
  expect(screen.getAllByRole("button", { name: "Undo" })).toHaveLength(2);
});

it("shows the newest errors and counts the rest, which can be closed together", () => {
  act(() => [..."abcdef"].forEach((text) => void toast({ kind: "error", text })));
  expect(shown()).toEqual(["3 more error(s)", "d", "e", "f"]);
  fireEvent.click(screen.getAllByRole("button", { name: "Close" }).at(-1) as HTMLElement);
  expect(shown()).toEqual(["2 more error(s)", "c", "d", "e"]);
  fireEvent.click(screen.getByRole("button", { name: "Close all" }));
  expect(shown()).toEqual([]);
});

it("no longer says that the server is away once it is back", async () => {
  await act(async () => {
    await unheard();
    toast({ kind: "error", text: "something else" });
  });
  expect(shown()).toEqual(["no answer", "something else"]);
  act(() => useRuns.setState({ connected: true }));
  expect(shown()).toEqual(["something else"]);
});

it("lets an unanswered request go after a while where the connection holds", async () => {
  vi.useFakeTimers();
  act(() => useRuns.setState({ connected: true }));
  await act(async () => void (await unheard()));
  expect(shown()).toEqual(["no answer"]);
  act(() => void vi.runAllTimers());
  vi.useRealTimers();
  expect(shown()).toEqual([]);
});

it("says that a run was not queued, until it is tried again", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await act(async () => void (await submit(activeTab())));
  expect(shown()).toEqual(["The run was not queued: the server did not answer"]);
  act(() => useRuns.setState({ connected: true }));
  expect(shown()).toHaveLength(1);
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  act(() => void submit(activeTab()));
  expect(shown()).toEqual([]);
});
