import { afterEach, beforeEach, expect, it } from "vitest";
import { changeSettings, followSettings, useSettings } from "../../src/store/settings";

let stop: () => void;

beforeEach(() => {
  stop = followSettings();
});

afterEach(() => stop());

it("what another window chose is taken, and not written over", () => {
  changeSettings({ panelWidth: 300, snap: true });
  const kept = JSON.parse(localStorage.getItem("nodegraph.settings") ?? "");
  const theirs = JSON.stringify({ ...kept, state: { ...kept.state, panelWidth: 444 } });
  localStorage.setItem("nodegraph.settings", theirs);
  dispatchEvent(new StorageEvent("storage", { key: "nodegraph.settings", newValue: theirs }));
  expect(useSettings.getState().panelWidth).toBe(444);
  changeSettings({ snap: false });
  expect(localStorage.getItem("nodegraph.settings")).toContain("444");
});
