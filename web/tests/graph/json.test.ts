import { expect, it } from "vitest";
import { parseJson, writeJson } from "../../src/graph/json";

it.each(["18446744073709551615", "9007199254740993", "-9007199254740993", "0", "1.5", "1e3"])(
  "reads and writes %s without loss",
  (text) => {
    const again = writeJson(parseJson(`{"seed":${text}}`));
    expect(JSON.parse(again).seed).toBe(Number(text));
    if (!/[.e]/.test(text)) expect(again).toBe(`{"seed":${text}}`);
  },
);

it("refuses what is not JSON", () => {
  expect(() => parseJson("{'a': 1}")).toThrow(SyntaxError);
});
