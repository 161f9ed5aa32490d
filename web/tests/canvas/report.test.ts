import { describe, expect, it } from "vitest";
import { reportsIn } from "../../src/canvas/report";

const NODES = {
  model: { status: "reused", reason: "reused: memory", seconds: 0 },
  "face/encode": { status: "reused", seconds: 1 },
  "face/sample": { status: "running", seconds: 2 },
  "face/inner/decode": { status: "ran", seconds: 4 },
  faces: { status: "skipped" },
} as const;

describe("reports on the open workflow", () => {
  it("of a subgraph are what those of its nodes amount to", () => {
    const found = reportsIn(NODES, "");
    expect([...found.keys()].sort()).toEqual(["face", "faces", "model"]);
    expect(found.get("face")).toMatchObject({ status: "running", seconds: 7 });
    expect(found.get("model")).toBe(NODES.model);
  });

  it("inside of a subgraph are those of its nodes", () => {
    const found = reportsIn(NODES, "face/");
    expect([...found].map(([id, report]) => [id, report.status])).toEqual([
      ["encode", "reused"],
      ["sample", "running"],
      ["inner", "ran"],
    ]);
  });

  it("are the same object until something is told", () => {
    expect(reportsIn(NODES, "face/")).toBe(reportsIn(NODES, "face/"));
    expect(reportsIn({ ...NODES }, "face/")).not.toBe(reportsIn(NODES, "face/"));
  });
});
