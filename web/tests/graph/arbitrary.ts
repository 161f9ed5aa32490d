/** Workflows of every shape, for properties that hold for all of them. */

import fc from "fast-check";
import type { Json, NodeEntry, Workflow } from "../../src/graph/workflow";

export const OUTPUTS = ["image", "mask"];
const INPUTS = ["image", "mask", "text", "amount"];

const literal: fc.Arbitrary<Json> = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n - 1n }),
);

interface Drawn {
  readonly mode: "muted" | "bypassed" | undefined;
  /** Input -> a value, or the node before it that it is linked to, as a share of those. */
  readonly inputs: { readonly [name: string]: { readonly value: Json } | Drop };
  readonly x: number;
  readonly y: number;
}
interface Drop {
  readonly from: number;
  readonly output: string;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  mode: fc.option(fc.constantFrom("muted" as const, "bypassed" as const), {
    nil: undefined,
    freq: 6,
  }),
  inputs: fc.dictionary(
    fc.constantFrom(...INPUTS),
    fc.oneof(
      fc.record({ value: literal }),
      fc.record({
        from: fc.double({ min: 0, max: 0.999, noNaN: true }),
        output: fc.constantFrom(...OUTPUTS),
      }),
    ),
  ),
  x: fc.integer({ min: -2000, max: 2000 }),
  y: fc.integer({ min: -2000, max: 2000 }),
});

const box = fc.record({
  x: fc.integer({ min: -2000, max: 2000 }),
  y: fc.integer({ min: -2000, max: 2000 }),
  width: fc.integer({ min: 50, max: 1500 }),
  height: fc.integer({ min: 50, max: 1500 }),
});

/** Links lead to earlier nodes only, as in every workflow that can run. */
export const workflows: fc.Arbitrary<Workflow> = fc
  .record({
    nodes: fc.array(drawn, { minLength: 1, maxLength: 9 }),
    frames: fc.array(box, { maxLength: 3 }),
    notes: fc.array(box, { maxLength: 2 }),
    declared: fc.array(fc.record({ at: fc.nat(), input: fc.constantFrom(...INPUTS) }), {
      maxLength: 3,
    }),
    given: fc.array(
      fc.record({
        at: fc.nat(),
        output: fc.option(fc.constantFrom(...OUTPUTS), { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ nodes, frames, notes, declared, given }) => {
    const names = nodes.map((_, n) => `n${n}`);
    const entries = nodes.map(({ mode, inputs }, n): [string, NodeEntry] => {
      const made = Object.entries(inputs).flatMap(([name, one]): [string, Json][] => {
        if ("value" in one) return [[name, one.value]];
        if (n === 0) return [];
        return [[name, { node: `n${Math.floor(one.from * n)}`, output: one.output }]];
      });
      const entry = { type: `T${n % 3}`, inputs: Object.fromEntries(made) };
      return [`n${n}`, mode ? { ...entry, mode } : entry];
    });
    const places = nodes.map(({ x, y }, n) => [`n${n}`, { x, y, title: `node ${n}` }]);
    const $groups = frames.map((one, n) => ({ ...one, id: `frame-${n + 1}`, title: `frame ${n}` }));
    const $notes = notes.map((one, n) => ({ ...one, id: `note-${n + 1}`, text: `note ${n}` }));
    const layout = {
      ...Object.fromEntries(places),
      ...($groups.length > 0 && { $groups }),
      ...($notes.length > 0 && { $notes }),
    };
    const pick = (at: number) => names[at % names.length] as string;
    const inputs = declared.map(({ at, input }, n) => [`in${n}`, { node: pick(at), input }]);
    const outputs = given.map(({ at, output }, n) => {
      const node = pick(at);
      return [`out${n}`, output === undefined ? { node } : { node, output }];
    });
    return {
      nodegraph: 1,
      inputs: Object.fromEntries(inputs),
      outputs: Object.fromEntries(outputs),
      nodes: Object.fromEntries(entries),
      layout,
    };
  });

/** A workflow, and some of what is in it. */
export const picks = workflows.chain((doc) => {
  const { $groups = [], $notes = [] } = doc.layout ?? {};
  const ids = [...Object.keys(doc.nodes ?? {}), ...[...$groups, ...$notes].map(({ id }) => id)];
  return fc.record({
    doc: fc.constant(doc),
    picked: fc.subarray(ids).map((some) => new Set(some)),
  });
});
