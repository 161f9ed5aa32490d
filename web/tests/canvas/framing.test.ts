/** What is shown first can be read. */

import { expect, test } from "vitest";
import { firstView, wholeView } from "../../src/canvas/framing";
import { shifted } from "../../src/canvas/viewports";
import { boundsOf } from "../../src/graph/boxes";

const PHONE = { width: 390, height: 700 };
const DESK = { width: 1440, height: 860 };
const ROW = [0, 1, 2, 3].map((n) => ({ x: 400 * n, y: 50 * n, width: 260, height: 300 }));

function onScreen(rect: { x: number; y: number }, view: { x: number; y: number; zoom: number }) {
  return { x: rect.x * view.zoom + view.x, y: rect.y * view.zoom + view.y };
}

test("on a desk everything is shown", () => {
  const bounds = boundsOf(ROW) ?? expect.fail("there are some");
  expect(firstView(ROW, [], DESK)).toEqual(wholeView(bounds, DESK));
});

test("on a phone the first node fills the width, at a size that can be read", () => {
  const view = firstView(ROW.toReversed(), [], PHONE);
  expect(view.zoom).toBeGreaterThanOrEqual(0.75);
  expect(onScreen(ROW[0] ?? expect.fail(), view)).toEqual({ x: 16, y: 16 });
});

test("on a phone what runs comes first", () => {
  const running = ROW.slice(2, 3);
  const view = firstView(ROW, running, PHONE);
  expect(onScreen(running[0] ?? expect.fail(), view)).toEqual({ x: 16, y: 16 });
});

test("what can be read on a phone as a whole is shown whole", () => {
  const one = [{ x: 900, y: 0, width: 300, height: 300 }];
  const view = firstView(one, [], PHONE);
  expect(view).toEqual(wholeView(one[0] ?? expect.fail(), PHONE));
});

test("a view in the window is the same wherever the canvas begins", () => {
  const view = { x: 10, y: 20, zoom: 0.5 };
  const corner = { x: 348, y: 44 };
  expect(shifted(shifted(view, corner, 1), corner, -1)).toEqual(view);
  expect(shifted(view, corner, 1)).toEqual({ x: 358, y: 64, zoom: 0.5 });
});
