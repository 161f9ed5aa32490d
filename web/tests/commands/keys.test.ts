import { afterEach, expect, test } from "vitest";
import { commandsOn, conflictsWith, type KeyPress, normal, pressed } from "../../src/commands/keys";
import { register } from "../../src/commands/registry";
import { changeSettings } from "../../src/store/settings";

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  return { key, code: "", ...none, ...more };
}

register(
  { id: "test.delete", keys: "Delete Backspace", run: () => {} },
  { id: "test.erase", keys: "Delete", run: () => {} },
  { id: "test.save", keys: "Mod+S", run: () => {} },
);

afterEach(() => changeSettings({ shortcuts: {} }));

test("Mod is Ctrl, or Cmd on a Mac", () => {
  expect(pressed(press("z", { ctrlKey: true }), false)).toBe("Mod+Z");
  expect(pressed(press("z", { metaKey: true }), true)).toBe("Mod+Z");
  expect(pressed(press("z", { ctrlKey: true }), true)).toBe("Ctrl+Z");
});

test("letters keep Shift, signs that need it do not", () => {
  expect(pressed(press("Z", { ctrlKey: true, shiftKey: true }), false)).toBe("Mod+Shift+Z");
  expect(pressed(press("?", { shiftKey: true }), false)).toBe("?");
  expect(pressed(press(" "), false)).toBe("Space");
  expect(pressed(press("Tab", { shiftKey: true }), false)).toBe("Shift+Tab");
});

test("letters of other scripts go by their place on the keyboard", () => {
  expect(pressed(press("я", { ctrlKey: true, code: "KeyZ" }), false)).toBe("Mod+Z");
  expect(pressed(press("ç", { altKey: true, code: "KeyC" }), true)).toBe("Alt+C");
  expect(pressed(press("y", { ctrlKey: true, code: "KeyZ" }), false)).toBe("Mod+Y");
});

test("a modifier alone is nothing yet", () => {
  expect(pressed(press("Control", { ctrlKey: true }), false)).toBeUndefined();
  expect(pressed(press("AltGraph"), false)).toBeUndefined();
});

test("keys are the same in whatever order they are written", () => {
  expect(normal("Shift+Mod+z")).toBe("Mod+Shift+Z");
  expect(normal("Mod++")).toBe("Mod++");
});

test("several commands may answer to one key, in the order in which they came", () => {
  expect(commandsOn("Delete").map(({ id }) => id)).toEqual(["test.delete", "test.erase"]);
  expect(commandsOn("Backspace").map(({ id }) => id)).toEqual(["test.delete"]);
});

test("other keys take the place of the first ones", () => {
  changeSettings({ shortcuts: { "test.save": "Mod+D", "test.erase": "" } });

  expect(commandsOn("Mod+D").map(({ id }) => id)).toEqual(["test.save"]);
  expect(commandsOn("Mod+S")).toEqual([]);
  expect(commandsOn("Delete").map(({ id }) => id)).toEqual(["test.delete"]);
});

test("keys that others have are a conflict, but for those that they share by design", () => {
  expect(conflictsWith("test.erase", "Delete")).toEqual([]);
  expect(conflictsWith("test.erase", "Mod+S").map(({ id }) => id)).toEqual(["test.save"]);
  expect(conflictsWith("test.save", "Delete").map(({ id }) => id)).toEqual([
    "test.delete",
    "test.erase",
  ]);
});
