/** Problems are told in the language of the page. */

import { expect, test } from "vitest";
import { problemText } from "../../src/running/problemText";
import type { Problem } from "../../src/store/runs";

const SAID: Problem = {
  code: "value_bigger_than_max",
  message: "200000 is above the maximum of 10000",
  node: "sample",
  field: "steps",
  expected: "<= 10000",
  got: "200000",
  nearest: null,
};

test("German from the code and the fields, English as the server says it", () => {
  expect(problemText(SAID, "de")).toBe("200000 ist zu groß: <= 10000");
  expect(problemText(SAID, "en")).toBe(SAID.message);
});

test("a code that is not known, or a field that lacks: the server's message", () => {
  expect(problemText({ ...SAID, code: "brand_new" }, "de")).toBe(SAID.message);
  expect(problemText({ ...SAID, expected: null }, "de")).toBe(SAID.message);
});

test("what was typed is shown as it is, braces and all", () => {
  expect(problemText({ ...SAID, got: "{got}" }, "de")).toBe("{got} ist zu groß: <= 10000");
});
