import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { levelAt } from "../../src/canvas/detail";
import {
  covers,
  type FlowStore,
  isTooCoarse,
  keepPicture,
  laid,
  type Transform,
} from "../../src/canvas/moving";

const SEEN = { width: 400, height: 300 };

/** A store as React Flow's, of which only the view is looked at. */
function storeAt(transform: Transform) {
  let state = { transform };
  const listeners = new Set<(now: typeof state, before: typeof state) => void>();
  const store = {
    getState: () => state,
    subscribe: (listener: (now: typeof state, before: typeof state) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const move = (to: Transform) => {
    const before = state;
    state = { transform: to };
    for (const listener of listeners) listener(state, before);
  };
  return { store: store as unknown as FlowStore, move, listeners };
}

function pictureIn(transform: Transform) {
  const { store, move, listeners } = storeAt(transform);
  const element = document.createElement("div");
  const views: [boolean, Transform][] = [];
  const { stop } = keepPicture(store, {
    element: () => element,
    view: () => store.getState().transform,
    paint: (moving) => {
      const view = store.getState().transform;
      views.push([moving, view]);
      return view;
    },
    suffices: () => true,
  });
  return { move, views, element, stop, listeners };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("lays every point of a picture where it is seen in another view", () => {
  const painted: Transform = [30, -20, 0.5];
  const now: Transform = [-7, 12, 0.8];
  const [x, y, scale] = laid(painted, now);
  for (const [px, py] of [
    [0, 0],
    [100, -50],
    [-3, 900],
  ] as const) {
    const onPicture = [painted[0] + px * painted[2], painted[1] + py * painted[2]] as const;
    expect(onPicture[0] * scale + x).toBeCloseTo(now[0] + px * now[2]);
    expect(onPicture[1] * scale + y).toBeCloseTo(now[1] + py * now[2]);
  }
});

it("knows whether a picture reaches all edges of what is seen", () => {
  const large = { width: 600, height: 500 };
  expect(covers([-100, -100, 1], large, SEEN)).toBe(true);
  expect(covers([1, -100, 1], large, SEEN)).toBe(false);
  expect(covers([-201, -100, 1], large, SEEN)).toBe(false);
  expect(covers([-100, -201, 1], large, SEEN)).toBe(false);
  expect(covers([-100, -100, 0.6], large, SEEN)).toBe(false);
});

it("finds a picture too coarse both ways", () => {
  expect([0.4, 0.6, 1, 1.9, 2.1].map((zoom) => isTooCoarse(1, zoom))).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
});

it("moves a picture, and paints it anew in its new size once the view rests", () => {
  const { move, views, element } = pictureIn([0, 0, 1]);
  vi.advanceTimersToNextFrame();
  expect(views).toEqual([[false, [0, 0, 1]]]);
  for (const zoom of [1.1, 1.2, 1.3]) {
    move([5, 6, zoom]);
    vi.advanceTimersToNextFrame();
  }
  expect(views).toHaveLength(1);
  expect(element.style.transform).toBe("translate(5px, 6px) scale(1.3)");
  vi.advanceTimersByTime(500);
  expect(views.slice(1)).toEqual([[false, [5, 6, 1.3]]]);
  expect(element.style.transform).toBe("translate(0px, 0px) scale(1)");
});

it("paints it while it moves only where it has grown too coarse", () => {
  const { move, views } = pictureIn([0, 0, 1]);
  vi.advanceTimersToNextFrame();
  move([0, 0, 2.5]);
  vi.advanceTimersToNextFrame();
  expect(views.slice(1)).toEqual([[true, [0, 0, 2.5]]]);
});

it("leaves a picture alone that is only shifted, and lets go of the store", () => {
  const { move, views, stop, listeners } = pictureIn([0, 0, 1]);
  vi.advanceTimersToNextFrame();
  move([50, 60, 1]);
  vi.advanceTimersByTime(500);
  expect(views).toHaveLength(1);
  stop();
  expect(listeners.size).toBe(0);
});

it("has three levels of detail", () => {
  expect([0.05, 0.19, 0.2, 0.39, 0.4, 3].map(levelAt)).toEqual([
    "tiny",
    "tiny",
    "far",
    "far",
    "near",
    "near",
  ]);
});
