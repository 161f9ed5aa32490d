import { expect, it } from "vitest";
import { destination } from "../../src/ui/listKeys";
import { containing } from "../../src/widgets/ChoicePopup";

it("goes through a list and around its ends", () => {
  expect(destination("ArrowDown", 3, 4)).toBe(4);
  expect(destination("ArrowDown", 4, 4)).toBe(0);
  expect(destination("ArrowDown", -1, 4)).toBe(0);
  expect(destination("ArrowUp", 0, 4)).toBe(4);
  expect(destination("ArrowUp", -1, 4)).toBe(4);
  expect(destination("PageDown", 1, 4)).toBe(4);
  expect(destination("PageUp", 1, 4)).toBe(0);
  expect(destination("a", 1, 4)).toBeUndefined();
});

it("finds choices by what they contain, in any case", () => {
  const options = [{ label: "Bilinear" }, { label: "bicubic" }, { label: "nearest" }];
  expect(containing(options, " BI ").map(({ label }) => label)).toEqual(["Bilinear", "bicubic"]);
  expect(containing(options, "")).toBe(options);
});
