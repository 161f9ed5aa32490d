import fc from "fast-check";
import { expect, it } from "vitest";
import { parseJson, writeJson } from "../../src/graph/json";
import { wireOfValue } from "../../src/graph/wires";
import { literalOf, type Workflow } from "../../src/graph/workflow";
import { same } from "../../src/keeping/compare";

it.each(["18446744073709551615", "9007199254740993", "-9007199254740993", "0", "1.5", "1e3"])(
  "reads and writes %s without loss",
  (text) => {
    const again = writeJson(parseJson(`{"seed":${text}}`));
    expect(JSON.parse(again).seed).toBe(Number(text));
    if (!/[.e]/.test(text)) expect(again).toBe(`{"seed":${text}}`);
  },
);

const inNode = (value: string) =>
  `{"nodegraph":1,"nodes":{"a":{"type":"T","version":1,"inputs":{"x":${value}}}}}`;

it.each(["1.0", "-0.0", "1e+21", "1e400", "[1.0,2]", '{"value":3.0}', inNode("2.0")])(
  "keeps %s as it is in a node: it is no whole number",
  (value) => {
    expect(writeJson(parseJson(inNode(value)))).toBe(inNode(value));
    expect(writeJson(structuredClone(parseJson(inNode(value))))).toBe(inNode(value));
  },
);

it("gives plain numbers for all else", () => {
  expect(parseJson('{"progress":1.0,"all":[2.0,3e2]}')).toEqual({ progress: 1, all: [2, 300] });
  const { layout, nodes } = parseJson(
    '{"nodegraph":1,"nodes":{"a":{"version":2.0,"inputs":{}}},"layout":{"a":{"x":4.0}}}',
  ) as unknown as Workflow;
  expect([layout?.a, nodes?.a?.version]).toEqual([{ x: 4 }, 2]);
});

it("says a number to widgets, and a float to those who ask for its type", () => {
  const doc = parseJson(inNode("[1.0,2]")) as unknown as Workflow;
  const held = doc.nodes?.a?.inputs?.x;
  expect(literalOf(held)).toEqual([1, 2]);
  expect(literalOf(held)).toBe(literalOf(held));
  expect(wireOfValue(held).types).toEqual(["float", "int"]);
  expect(same(parseJson(inNode("1.0")), parseJson(inNode("2.0")))).toBe(false);
  expect(same(parseJson(inNode("1.0")), parseJson(inNode("1.0")))).toBe(true);
  expect(same(parseJson(inNode("1.0")), parseJson(inNode("1")))).toBe(false);
});

it("refuses what is not JSON", () => {
  for (const text of ["{'a': 1}", "", "01", "1234567890123456789.", "[1234567890123456789-1]"]) {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  }
});

it("leaves alone what only looks like a large whole number", () => {
  for (const text of [
    '"18446744073709551615"',
    '"\\"18446744073709551615"',
    '["\\\\",18446744073709551616e0]',
    "0.1234567890123456789",
    "12345678901234567890.5",
    "1e-12345678901234567890",
    '{"18446744073709551615":1}',
  ]) {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  }
});

it("reads large numbers at every place, beside every text", () => {
  const large = fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n });
  const value = fc.letrec((again) => ({
    json: fc.oneof(
      large,
      large.map((number) => -number),
      fc.string(),
      fc.stringMatching(/^[\d"\\ ,-]{0,24}$/),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(again("json"), { maxLength: 4 }),
      fc.dictionary(fc.string(), again("json"), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).json;
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 2), (made, indent) => {
      expect(parseJson(writeJson(made, indent))).toEqual(made);
    }),
  );
});

it("writes nothing as null, and leaves out what has no value", () => {
  expect(writeJson(undefined)).toBe("null");
  expect(writeJson({ a: undefined, b: 1n })).toBe('{"b":1}');
});
