/** The colours of each theme can be told apart: WCAG 2.2, 1.4.3 and 1.4.11. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const CSS = readFileSync("src/ui/theme.css", "utf8");
const GROUNDS = ["bg", "surface", "surface-2", "surface-3", "field"];

/** The variables of one theme, with those of the light one beneath. */
function theme(name: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const selector of [":root {", `:root[data-theme="${name}"] {`]) {
    const from = CSS.indexOf(selector);
    const body = from < 0 ? "" : CSS.slice(from, CSS.indexOf("}", from));
    for (const [, key, value] of body.matchAll(/--([\w-]+): (#\w{6});/g)) {
      found.set(key as string, value as string);
    }
  }
  return found;
}

function luminance(color: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

describe.each(["light", "dark", "contrast"])("theme %s", (name) => {
  const colors = theme(name);
  const of = (key: string) => colors.get(key) ?? expect.fail(`no --${key}`);

  test.each(["text", "text-2", "accent", "bad", "good", "warn"])("text in --%s", (key) => {
    for (const ground of GROUNDS) {
      expect(contrast(of(key), of(ground)), ground).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("text on a colour", () => {
    expect(contrast(of("accent-text"), of("accent"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("text"), of("bad-surface"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("bad"), of("bad-surface"))).toBeGreaterThanOrEqual(4.5);
  });

  test("what runs stands out, and is not the colour of what is selected", () => {
    for (const ground of GROUNDS) {
      expect(contrast(of("running"), of(ground)), ground).toBeGreaterThanOrEqual(3);
    }
    expect(of("running")).not.toBe(of("accent"));
  });

  test("edges of parts that are used", () => {
    for (const ground of GROUNDS) {
      expect(contrast(of("edge"), of(ground)), ground).toBeGreaterThanOrEqual(3);
    }
  });
});
