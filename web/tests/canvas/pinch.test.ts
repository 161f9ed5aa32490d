/** Two fingers hold what lies between them. */

import { expect, test } from "vitest";
import { MAX_ZOOM } from "../../src/canvas/framing";
import { pinched } from "../../src/canvas/pinch";

const VIEW = { x: 30, y: -20, zoom: 0.5 };

test("side by side they pan", () => {
  const moved = pinched(VIEW, { x: 100, y: 100, apart: 80 }, { x: 140, y: 70, apart: 80 });
  expect(moved).toEqual({ x: 70, y: -50, zoom: 0.5 });
});

test("parting they zoom around the middle between them", () => {
  const zoomed = pinched(VIEW, { x: 100, y: 100, apart: 80 }, { x: 100, y: 100, apart: 160 });
  expect(zoomed.zoom).toBe(1);
  expect((100 - zoomed.x) / zoomed.zoom).toBeCloseTo((100 - VIEW.x) / VIEW.zoom);
  expect((100 - zoomed.y) / zoomed.zoom).toBeCloseTo((100 - VIEW.y) / VIEW.zoom);
});

test("not beyond what the canvas allows", () => {
  const far = pinched(VIEW, { x: 0, y: 0, apart: 1 }, { x: 0, y: 0, apart: 1000 });
  expect(far.zoom).toBe(MAX_ZOOM);
});
