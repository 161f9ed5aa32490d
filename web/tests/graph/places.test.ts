import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moveNodes, setPlace } from "../../src/graph/edits";
import { framesIn, notesIn, placeOf, type Workflow } from "../../src/graph/workflow";

function laid(place: unknown): Workflow {
  return { nodegraph: 1, nodes: { a: { type: "T" } }, layout: { a: place } } as never;
}

const odd = fc.oneof(
  fc.jsonValue(),
  fc.bigInt(),
  fc.constant(Object(1)),
  fc.double({ noNaN: false }),
);

describe("where a node is drawn", () => {
  it("is what the layout says where that makes sense", () => {
    const place = {
      x: 3,
      y: -4.5,
      width: 300,
      title: "T",
      collapsed: true,
      sockets: ["a"],
      own: 7,
    };
    const doc = laid(place);
    expect(placeOf(doc, "a")).toBe(place);
    expect(placeOf(doc, "b")).toEqual({});
  });

  it("is nothing odd, whatever a file holds", () => {
    const keys = [
      "x",
      "y",
      "width",
      "height",
      "title",
      "color",
      "collapsed",
      "sockets",
      "unlinked",
    ];
    const places = fc.dictionary(fc.constantFrom(...keys), odd);
    fc.assert(
      fc.property(fc.oneof(places, odd), (held) => {
        const found = placeOf(laid(held), "a");
        for (const side of [found.x, found.y, found.width, found.height])
          expect(side === undefined || Math.abs(side) <= 1e7).toBe(true);
        expect(typeof (found.title ?? "")).toBe("string");
        expect(Array.isArray(found.sockets ?? [])).toBe(true);
        expect(placeOf(laid(held), "a")).toEqual(found);
      }),
    );
  });

  it("keeps in the file what makes no sense here", () => {
    const doc = laid({ x: 12345678901234567890n, title: 5 });
    expect(placeOf(doc, "a")).toEqual({});
    expect(setPlace(doc, "a", { y: 2 }).layout?.a).toEqual({
      x: 12345678901234567890n,
      title: 5,
      y: 2,
    });
    const moved = moveNodes(doc, new Map([["a", { x: 1, y: 2 }]]));
    expect(moved.layout?.a).toEqual({ x: 1, y: 2, title: 5 });
  });

  it("of frames and notes is a box with words", () => {
    const box = { id: "n", x: 0, y: 0, width: 10, height: 10 };
    const doc = (more: object) =>
      ({
        nodegraph: 1,
        layout: { $notes: [{ ...box, ...more }], $groups: [{ ...box, ...more }] },
      }) as never;
    expect(notesIn(doc({ text: "a" }))).toHaveLength(1);
    expect(notesIn(doc({ text: 4 }))).toHaveLength(0);
    expect(framesIn(doc({ title: "a" }))).toHaveLength(1);
    expect(framesIn(doc({ title: [] }))).toHaveLength(0);
    expect(framesIn(doc({ width: 1e300 }))).toHaveLength(0);
  });
});
