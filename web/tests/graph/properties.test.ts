/** What holds for every workflow, whatever is selected in it. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { aligned, distributed, EDGES } from "../../src/graph/align";
import { arranged } from "../../src/graph/autolayout";
import { framesOf, rectsOf } from "../../src/graph/boxes";
import { clipIn, copied, pasted } from "../../src/graph/clipboard";
import { contentsOf, framed } from "../../src/graph/groups";
import { toggledMode } from "../../src/graph/modes";
import { withBetween } from "../../src/graph/reach";
import { removed } from "../../src/graph/removing";
import { intoSubgraph } from "../../src/graph/subgraph";
import { ungrouped } from "../../src/graph/ungroup";
import type { Workflow } from "../../src/graph/workflow";
import { edgesOf, isLink, nodesOf } from "../../src/graph/workflow";
import { picks } from "./arbitrary";
import { flatten } from "./flatten";
import { CATALOGUE } from "./shared";

const names = { output: (_: string, output: string | undefined) => output ?? "image" };
const sizeOf = () => ({ width: 200, height: 100 });
const none = new Set<string>();

/** What matters for a run, with other names for nodes, in an order of its own. */
function meaning(doc: Workflow, rename: (id: string) => string = (id) => id) {
  const flat = flatten(doc);
  const node = <T extends { node: string }>(ref: T): T => ({ ...ref, node: rename(ref.node) });
  const entries = Object.entries(nodesOf(flat)).map(([id, entry]) => {
    const inputs = Object.entries(entry.inputs ?? {}).map(([name, value]) => [
      name,
      isLink(value) ? node(value) : value,
    ]);
    return [rename(id), { ...entry, inputs: Object.fromEntries(inputs) }];
  });
  const refs = (all: Workflow["inputs"] | Workflow["outputs"]) =>
    Object.fromEntries(Object.entries(all ?? {}).map(([name, ref]) => [name, node(ref)]));
  const { inputs, outputs } = flat;
  return { nodes: Object.fromEntries(entries), inputs: refs(inputs), outputs: refs(outputs) };
}

function nodesIn(doc: Workflow, picked: ReadonlySet<string>): Set<string> {
  return new Set([...picked].filter((id) => id in nodesOf(doc)));
}

it("grouped nodes mean what they meant", () => {
  fc.assert(
    fc.property(picks, ({ doc, picked }) => {
      fc.pre(nodesIn(doc, picked).size > 0);
      const made = intoSubgraph(doc, picked, "group", names);
      expect(meaning(made, (id) => id.replace(/^group\//, ""))).toEqual(meaning(doc));
    }),
  );
});

it("groups of groups mean it, too", () => {
  fc.assert(
    fc.property(picks, ({ doc, picked }) => {
      fc.pre(nodesIn(doc, picked).size > 0);
      const inner = intoSubgraph(doc, picked, "inner", names);
      const made = intoSubgraph(inner, new Set(["inner", "n0"]), "outer", names);
      const plain = (id: string) => id.replace(/^(outer\/)?(inner\/)?/, "");
      expect(meaning(made, plain)).toEqual(meaning(doc));
    }),
  );
});

it("a group that is taken apart leaves the workflow as it was", () => {
  fc.assert(
    fc.property(picks, ({ doc, picked }) => {
      fc.pre(nodesIn(doc, picked).size > 0);
      const back = ungrouped(intoSubgraph(doc, picked, "group", names), "group", CATALOGUE);
      expect(meaning(back?.doc as Workflow)).toEqual(meaning(doc));
      for (const id of Object.keys(nodesOf(doc))) {
        expect(back?.doc.layout?.[id]).toEqual(doc.layout?.[id]);
      }
      expect(framesOf(back?.doc as Workflow).size).toBe(framesOf(doc).size);
    }),
  );
});

it("a muted group that is taken apart stays muted", () => {
  fc.assert(
    fc.property(picks, ({ doc, picked }) => {
      fc.pre(nodesIn(doc, picked).size > 0);
      const group = intoSubgraph(doc, picked, "group", names);
      const muted = toggledMode(group, new Set(["group"]), "muted");
      const back = ungrouped(muted, "group", CATALOGUE)?.doc as Workflow;
      expect(meaning(back)).toEqual(meaning(muted, (id) => id.replace(/^group\//, "")));
    }),
  );
});

it("with what stands between, a group never feeds itself", () => {
  fc.assert(
    fc.property(picks, ({ doc, picked }) => {
      fc.pre(nodesIn(doc, picked).size > 0);
      const all = withBetween(doc, nodesIn(doc, picked));
      const made = intoSubgraph(doc, all, "group", names);
      const after = new Set<string>();
      const waiting = ["group"];
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        for (const edge of edgesOf(made)) {
          if (edge.source !== id || after.has(edge.target)) continue;
          after.add(edge.target);
          waiting.push(edge.target);
        }
      }
      expect(after).not.toContain("group");
    }),
  );
});

it("pasting keeps inner links and leaves what was there as it was", () => {
  fc.assert(
    fc.property(picks, fc.boolean(), ({ doc, picked }, links) => {
      const clip = clipIn(copied(doc, picked)) as Workflow;
      const { doc: made, ids } = pasted(doc, clip, { x: 5, y: 7 }, links);
      for (const [id, entry] of Object.entries(nodesOf(doc))) expect(nodesOf(made)[id]).toBe(entry);
      const originals = Object.keys(nodesOf(clip));
      const name = new Map(originals.map((id, n) => [id, ids[n] as string]));
      expect(new Set(ids).size).toBe(picked.size);
      for (const edge of edgesOf(doc)) {
        if (!picked.has(edge.target)) continue;
        const link = nodesOf(made)[name.get(edge.target) as string]?.inputs?.[edge.input];
        const inside = name.get(edge.source);
        if (inside || links)
          expect(link).toEqual({ node: inside ?? edge.source, output: edge.output });
        else expect(link).toBeUndefined();
      }
      expect(edgesOf(removed(made, new Set(ids)))).toEqual(edgesOf(doc));
    }),
  );
});

it("nothing is left of what is removed", () => {
  fc.assert(
    fc.property(picks, ({ doc, picked }) => {
      const made = removed(doc, picked);
      const text = JSON.stringify(made, (_, value) => (typeof value === "bigint" ? "" : value));
      for (const id of picked) expect(text).not.toContain(`"${id}"`);
      expect(removed(doc, none)).toBe(doc);
    }),
  );
});

it("a frame around a selection holds all of it", () => {
  fc.assert(
    fc.property(picks, ({ doc, picked }) => {
      const made = framed(doc, picked, "Frame", sizeOf);
      fc.pre(made !== undefined);
      const held = contentsOf(made.doc, new Set([made.id]), sizeOf);
      for (const id of picked) expect(held).toContain(id);
    }),
  );
});

it("aligning lines up, distributing keeps the order and the ends", () => {
  fc.assert(
    fc.property(picks, fc.constantFrom(...EDGES), ({ doc, picked }, edge) => {
      const rects = new Map([...rectsOf(doc, sizeOf)].filter(([id]) => picked.has(id)));
      const places = aligned(rects, edge);
      expect([...places.keys()]).toEqual([...rects.keys()]);
      if (edge === "left")
        expect(new Set([...places.values()].map(({ x }) => x)).size < 2).toBe(true);
      const spread = distributed(rects, "x");
      const order = [...rects].sort(([, a], [, b]) => a.x - b.x).map(([id]) => id);
      const xs = order.flatMap((id) => spread.get(id)?.x ?? []);
      if (xs.length === 0) return;
      expect(xs[0]).toBe(rects.get(order[0] as string)?.x);
      expect(xs.at(-1)).toBe(rects.get(order.at(-1) as string)?.x);
    }),
  );
});

it("what is spread to just before the origin lands on 0, not on -0", () => {
  const at = (x: number) => ({ x, y: 0, width: 1 / 3, height: 1 });
  const spread = distributed(
    new Map([
      ["a", at(-1)],
      ["b", at(-0.7)],
      ["c", at(0)],
    ]),
    "x",
  );
  expect([...spread.values()].map(({ x }) => x)).toEqual([-1, 0, 0]);
});

it("arranging changes places alone, and no two nodes overlap", () => {
  fc.assert(
    fc.property(picks, ({ doc }) => {
      const all = new Set(Object.keys(nodesOf(doc)));
      const made = arranged(doc, all, sizeOf);
      expect({ ...made, layout: null }).toEqual({ ...doc, layout: null });
      if (all.size < 2) return;
      const rects = [...all].map((id) => rectsOf(made, sizeOf).get(id) as DOMRect);
      for (const [n, a] of rects.entries()) {
        for (const b of rects.slice(n + 1)) {
          const apart = Math.abs(a.x - b.x) >= 200 || Math.abs(a.y - b.y) >= 100;
          expect(apart).toBe(true);
        }
      }
    }),
  );
});
