import { describe, expect, it } from "vitest";
import { liesOn, moveAll, movedBy } from "../../src/graph/boxes";
import { placeOf } from "../../src/graph/workflow";
import { DOC } from "../canvas/shared";

describe("moving", () => {
  it("takes nodes, frames and notes along in one change", () => {
    const places = new Map([
      ["a", { x: 1, y: 2 }],
      ["f", { x: 3, y: 4 }],
      ["n", { x: 5, y: 6 }],
    ]);
    const { layout } = moveAll(DOC, places);
    expect(layout?.a).toEqual({ x: 1, y: 2 });
    expect(layout?.b).toBe(DOC.layout?.b);
    expect(layout?.$groups?.[0]).toMatchObject({ x: 3, y: 4, width: 320, title: "Middle" });
    expect(layout?.$notes?.[0]).toMatchObject({ x: 5, y: 6, text: "look" });
  });

  it("leaves frames and notes as they are where only nodes move", () => {
    const { layout } = moveAll(DOC, new Map([["a", { x: 1, y: 2 }]]));
    expect(layout?.$groups).toBe(DOC.layout?.$groups);
    expect(layout?.$notes).toBe(DOC.layout?.$notes);
  });

  it("of something that is gone makes nothing", () => {
    expect(moveAll(DOC, new Map([["nobody", { x: 1, y: 2 }]]))).toBe(DOC);
  });
});

describe("moving by keys", () => {
  it("takes frames and notes along as it does nodes", () => {
    const moved = movedBy(DOC, ["b", "f", "n"], { x: 20, y: -20 });
    for (const [key, before] of [
      ["$groups", DOC.layout?.$groups?.[0]],
      ["$notes", DOC.layout?.$notes?.[0]],
    ] as const) {
      const to = { x: (before?.x ?? 0) + 20, y: (before?.y ?? 0) - 20 };
      expect(moved.layout?.[key]?.[0]).toEqual({ ...before, ...to });
    }
    expect(moved.layout?.b).toMatchObject({ x: (placeOf(DOC, "b").x ?? 0) + 20 });
    expect(moved.layout?.a).toBe(DOC.layout?.a);
  });

  it("of nothing is no step", () => {
    expect(movedBy(DOC, ["nobody"], { x: 20, y: 0 })).toBe(DOC);
  });
});

describe("lying on a frame", () => {
  const frame = { x: 0, y: 0, width: 100, height: 100 };

  it.each([
    [{ x: 80, y: 80, width: 40, height: 40 }, true],
    [{ x: 81, y: 50, width: 40, height: 10 }, false],
    [{ x: -30, y: 40, width: 50, height: 10 }, false],
    [{ x: -10, y: -10, width: 20, height: 20 }, true],
  ])("%j: %s", (box, on) => {
    expect(liesOn(box, frame)).toBe(on);
  });
});
