import { expect, it } from "vitest";
import { drawSeed } from "../../src/graph/drawn";

it("draws seeds that every reader of JSON understands", () => {
  const drawn = Array.from({ length: 200 }, drawSeed);
  expect(drawn.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
  expect(new Set(drawn).size).toBe(200);
});
