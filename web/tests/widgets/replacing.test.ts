import { expect, it } from "vitest";
import { replacement } from "../../src/widgets/replacing";

it.each([
  ["a red circle", "a (red:1.1) circle", { start: 2, end: 5, text: "(red:1.1)" }],
  ["(red:1.1)", "(red:1.2)", { start: 7, end: 8, text: "2" }],
  ["aaa", "aa", { start: 2, end: 3, text: "" }],
  ["aa", "aaa", { start: 2, end: 2, text: "a" }],
  ["", "x", { start: 0, end: 0, text: "x" }],
])("%j becomes %j by the least change", (before, after, change) => {
  expect(replacement(before, after)).toEqual(change);
});
