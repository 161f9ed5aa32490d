import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/widgets/arithmetic";
import {
  clamped,
  isPlainFigure,
  readFigure,
  showFigure,
  slideOf,
  stepped,
} from "../../src/widgets/numbers";

const WHOLE = { kind: "int", min: 8, max: 16384, step: 8 };
const BROKEN = { kind: "float", min: 0, max: 1, step: 0.01 };
const MOST = 2n ** 64n - 1n;

describe("typed sums", () => {
  it.each([
    ["512", 512],
    [" 512 * 1.5 ", 768],
    ["2+3*4", 14],
    ["(2+3)*4", 20],
    ["-2^2", -4],
    ["2**-1", 0.5],
    ["2^3^2", 512],
    ["7/2", 3.5],
    ["8/2", 4],
    ["7%4", 3],
    ["0,5", 0.5],
    [".25+.25", 0.5],
    ["0.1+0.2", 0.3],
    ["1e3", 1000],
    ["--3", 3],
    ["18446744073709551615", MOST],
    ["2^64-1", MOST],
    ["9007199254740993+2", 9007199254740995n],
  ])("%s is %s", (text, value) => {
    expect(evaluate(text)).toBe(value);
  });

  it.each([
    "",
    " ",
    "abc",
    "1 2",
    "2+",
    "(1",
    "1)",
    "1/0",
    "0/0",
    "1e999",
    "9^9^9^9",
    "alert(1)",
    "1.2.3",
  ])("%j is none", (text) => {
    expect(evaluate(text)).toBeUndefined();
  });
});

describe("number fields", () => {
  it("reads what the kind takes", () => {
    expect(readFigure("3.0", WHOLE)).toBe(3);
    expect(readFigure("3.5", WHOLE)).toBeUndefined();
    expect(readFigure("64/2", WHOLE)).toBe(32);
    expect(readFigure("9007199254740993", BROKEN)).toBe(9007199254740992);
  });

  it("tells numbers from sums that are being typed", () => {
    expect(["-1", "1.5", "1,5", ".5"].every(isPlainFigure)).toBe(true);
    expect(["", "-", "1.", "1+", "1e", "a"].some(isPlainFigure)).toBe(false);
  });

  it("steps without the noise of binary fractions, within the range", () => {
    expect(stepped(0.1, 20, BROKEN)).toBe(0.3);
    expect(stepped(0.1, 0.1, BROKEN)).toBe(0.101);
    expect(stepped(0.99, 10, BROKEN)).toBe(1);
    expect(stepped(512, 1, WHOLE)).toBe(520);
    expect(stepped(512, -0.1, WHOLE)).toBe(504);
    expect(stepped(8, -1, WHOLE)).toBe(8);
    expect(stepped(1, 1, { kind: "int" })).toBe(2);
  });

  it("counts beyond 2^53 one by one", () => {
    const seed = { kind: "seed", min: 0 };
    expect(stepped(9007199254740991, 1, seed)).toBe(9007199254740992n);
    expect(stepped(9007199254740993n, -2, seed)).toBe(9007199254740991);
  });

  it("finds the nearest number in range", () => {
    expect(clamped(5, WHOLE)).toBe(8);
    expect(clamped(20000n, WHOLE)).toBe(16384);
    expect(clamped(64, WHOLE)).toBe(64);
  });

  it("shows numbers as they are written in the file", () => {
    expect(showFigure(0.1)).toBe("0.1");
    expect(showFigure(MOST)).toBe("18446744073709551615");
    expect(showFigure("random")).toBe("");
  });

  it("offers a slider for a small range only", () => {
    expect(slideOf(BROKEN)).toEqual({ min: 0, max: 1, step: 0.01 });
    expect(slideOf({ kind: "int", min: -24, max: -1 })).toEqual({ min: -24, max: -1, step: 1 });
    expect(slideOf(WHOLE)).toBeUndefined();
    expect(slideOf({ kind: "float", min: 0 })).toBeUndefined();
  });
});
