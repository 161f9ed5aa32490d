import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenToKeys } from "../../src/commands/keyboard";
import { register } from "../../src/commands/registry";

const close = vi.fn();
const run = vi.fn();
register(
  { id: "test.close", keys: "Alt+W", inFields: true, run: close },
  { id: "test.run", keys: "Mod+Enter", inFields: true, overDialogs: true, run },
);

let stop: () => void;

beforeEach(() => {
  stop = listenToKeys();
});

afterEach(() => {
  stop();
  document.body.innerHTML = "";
  vi.clearAllMocks();
});

function press(key: string, more: KeyboardEventInit): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  document.body.dispatchEvent(event);
  return event;
}

it("what works in fields works on the page", () => {
  press("w", { altKey: true });
  expect(close).toHaveBeenCalledOnce();
});

it("no shortcut takes a tab away from under a dialog, nor means what the browser does", () => {
  document.body.innerHTML = "<div role='dialog' data-modal data-open></div>";
  const event = press("w", { altKey: true });
  press("Enter", { ctrlKey: true });
  expect(close).not.toHaveBeenCalled();
  expect(event.defaultPrevented).toBe(true);
  expect(run).toHaveBeenCalledOnce();
});
