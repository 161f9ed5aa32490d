import { describe, expect, test } from "vitest";
import { Fitting, type Socket } from "../../src/graph/fitting";
import { givenWires } from "../../src/graph/given";
import type { Wire } from "../../src/graph/schema";
import { accepts, acceptsMapped, joined, wireOfValue } from "../../src/graph/wires";
import { CATALOGUE, DIRECT, GRAPHS, graphOf, JOINED, MAPPED, TYPES, VALUES, WIRES } from "./shared";

const names = Object.keys(WIRES);
const wire = (name: string) => WIRES[name] as Wire;

describe.each(names)("the wire %s", (one) => {
  test("takes what the server lets it take", () => {
    const direct = names.filter((source) => accepts(wire(one), wire(source), TYPES));
    const mapped = names.filter((source) => acceptsMapped(wire(one), wire(source), TYPES));

    expect(direct.sort()).toEqual([...(DIRECT[one] ?? [])].sort());
    expect(mapped.sort()).toEqual([...(MAPPED[one] ?? [])].sort());
  });

  test("is widened as the server widens it", () => {
    const found = names.map((other) => [other, joined(wire(one), wire(other), TYPES)] as const);
    const wider = Object.entries(JOINED[one] ?? {}).map(([other, name]) => [other, wire(name)]);

    expect(Object.fromEntries(found.filter(([, made]) => made))).toEqual(Object.fromEntries(wider));
  });
});

test.each(VALUES)("the literal %j is what the server takes it for", (value, types, list) => {
  expect(wireOfValue(value)).toEqual({ types, list, optional: false, variable: null });
});

function socket(name: string, out: boolean): Socket {
  const [node = "", port = ""] = name.split(".");
  return { node, port, out };
}

describe.each(GRAPHS)("the graph of $name", ({ name, gives, links }) => {
  test("gives what the server says", () => {
    const given = givenWires(graphOf(name), CATALOGUE);
    for (const [node, outputs] of Object.entries(gives)) {
      for (const [output, expected] of Object.entries(outputs)) {
        expect(given.get(node)?.get(output)).toEqual(wire(expected));
      }
    }
  });

  test.each(links)("%s to %s: %s", (source, target, fits) => {
    const doc = graphOf(name);
    const [from, to] = [socket(source, true), socket(target, false)];

    expect(new Fitting(doc, CATALOGUE, from).refusal(to) === null).toBe(fits);
    expect(new Fitting(doc, CATALOGUE, to).refusal(from) === null).toBe(fits);
  });
});
