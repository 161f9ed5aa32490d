import { expect, test } from "vitest";
import { flowing } from "../../src/palette/About";

test("lines of a docstring flow together, paragraphs stay", () => {
  expect(flowing("One that\nwraps.\n\nAnother.")).toBe("One that wraps.\n\nAnother.");
});
