import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nameWindow, type Windows } from "../../src/keeping/windows";

/** What the windows of a browser share over plain HTTP: all hear what each of them says. */
class Air {
  static all: Air[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor() {
    Air.all.push(this);
  }
  postMessage(data: unknown): void {
    for (const other of Air.all) if (other !== this) other.onmessage?.({ data });
  }
}

/** A window that sessionStorage remembers `name` of, or that is new. */
async function begin(name: string | null): Promise<Windows> {
  sessionStorage.clear();
  if (name !== null) sessionStorage.setItem("nodegraph.window", name);
  const found = nameWindow();
  await vi.advanceTimersByTimeAsync(1000);
  return found;
}

beforeEach(() => {
  vi.useFakeTimers();
  Air.all = [];
  vi.stubGlobal("BroadcastChannel", Air);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("without locks windows tell each other that they are there", async () => {
  const first = await begin(null);
  expect([first.again, [...(first.others ?? ["?"])]]).toEqual([false, []]);
  expect(sessionStorage.getItem("nodegraph.window")).toBe(first.own);
  const second = await begin(null);
  expect([...(second.others ?? [])]).toEqual([first.own]);
});

it("without locks a page that is loaded anew keeps its name, a duplicate gets another", async () => {
  const again = await begin("w");
  expect([again.own, again.again]).toEqual(["w", true]);
  const copy = await begin("w");
  expect(copy.own).not.toBe("w");
  expect([copy.again, copy.others?.has("w")]).toEqual([false, true]);
});

it("two windows that begin at once do not take each other for gone", async () => {
  sessionStorage.setItem("nodegraph.window", "a");
  const first = nameWindow();
  sessionStorage.setItem("nodegraph.window", "b");
  const second = nameWindow();
  await vi.advanceTimersByTimeAsync(1000);
  const others = (await Promise.all([first, second])).map((one) => [...(one.others ?? [])]);
  expect(others).toEqual([["b"], ["a"]]);
});

it("a window is named where the browser keeps nothing and tells nothing", async () => {
  const refuse = () => {
    throw new DOMException("no", "SecurityError");
  };
  vi.stubGlobal("BroadcastChannel", refuse);
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(refuse);
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(refuse);
  const found = await nameWindow();
  expect(found.own).toMatch(/^\w{16}$/);
  expect([found.again, found.others]).toEqual([false, undefined]);
});
