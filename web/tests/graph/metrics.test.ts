import { describe, expect, it } from "vitest";
import { HEADER, NODE_LEAST_WIDTH, NODE_WIDTH, RESULT, ROW, rowsOf } from "../../src/graph/metrics";
import { portsOf } from "../../src/graph/ports";
import { CATALOGUE, DOC } from "../canvas/shared";

const PORTS = portsOf(DOC, "b", CATALOGUE);

describe("the rows of a node", () => {
  it("are sockets first, then widgets, each with its socket in its first line", () => {
    const rows = rowsOf(PORTS, {}, false);
    expect(rows.width).toBe(NODE_WIDTH);
    expect(rows.sockets).toHaveLength(1);
    expect(rows.sockets[0]).toMatchObject({ y: HEADER + ROW / 2 });
    const [widget] = rows.widgets;
    expect(widget?.input.name).toBe("amount");
    expect(widget?.y).toBeGreaterThan(widget?.top ?? 0);
    expect(rows.height).toBeGreaterThanOrEqual((widget?.top ?? 0) + (widget?.height ?? 0));
  });

  it("make room for a result", () => {
    const without = rowsOf(PORTS, {}, false).height;
    expect(rowsOf(PORTS, {}, true).height).toBe(without + RESULT);
  });

  it("show an input with a widget as a socket where that was chosen", () => {
    const rows = rowsOf(PORTS, { sockets: ["amount"] }, false);
    expect(rows.widgets).toHaveLength(0);
    expect(rows.sockets.map((row) => row.input?.name)).toEqual(["image", "amount"]);
  });

  it("lie on each other in the title of a collapsed node", () => {
    const rows = rowsOf(PORTS, { collapsed: true }, true);
    expect(rows.height).toBe(HEADER);
    expect(new Set(rows.sockets.map((row) => row.y))).toEqual(new Set([HEADER / 2]));
    expect(rows.sockets).toHaveLength(3);
  });

  it("are never narrower than can be used", () => {
    expect(rowsOf(PORTS, { width: 10 }, false).width).toBe(NODE_LEAST_WIDTH);
    expect(rowsOf(PORTS, { width: 400, height: 900 }, false)).toMatchObject({
      width: 400,
      height: 900,
    });
  });
});
