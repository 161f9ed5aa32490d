import { expect, it } from "vitest";
import { reasonText } from "../../src/running/reasons";
import { textIn } from "../../src/text/catalogue";

const say = (reason: string) => reasonText(reason, (key, values) => textIn("en", key, values));

it("says what changed", () => {
  expect(say("input 'seed' changed 7 -> 8")).toBe("seed changed: 7 → 8");
  expect(say("input 'clip' changed")).toBe("clip changed");
  expect(say("input 'seed' changed to a link")).toBe("seed is linked now");
});

it("says each of several things, and keeps texts that look like one of them", () => {
  expect(say("input 'steps' changed 1 -> 2; input 'clip' changed; a file it reads changed")).toBe(
    "steps changed: 1 → 2; clip changed; a file it reads changed",
  );
  expect(say("input 'text' changed 'a; b -> c' -> 'd'")).toBe("text changed: 'a; b -> c' → 'd'");
});

it("shows a reason as it came if it is a new one", () => {
  expect(say("a reason of tomorrow")).toBe("a reason of tomorrow");
});
