import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { request } from "../../src/api/client";

beforeEach(() => {
  vi.useFakeTimers();
  // A server that takes every request and answers none.
  vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => {
    return new Promise((_done, fail) => {
      signal?.addEventListener("abort", () => fail(new DOMException("aborted", "AbortError")));
    });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("a request without an answer ends as if the server were away", async () => {
  const asked = request("api/x", { patience: 1000 });
  const failed = expect(asked).rejects.toMatchObject({ status: 0, code: "offline" });
  await vi.advanceTimersByTimeAsync(1000);
  await failed;
});

it("who asked may give up, which is no failure of the server", async () => {
  const stop = new AbortController();
  const asked = request("api/x", { signal: stop.signal });
  const failed = expect(asked).rejects.toMatchObject({ name: "AbortError" });
  stop.abort();
  await failed;
});

it("an answer that breaks off is none", async () => {
  const text = () => Promise.reject(new TypeError("network error"));
  vi.stubGlobal("fetch", async () => ({ ok: true, status: 200, text }));
  await expect(request("api/x")).rejects.toMatchObject({ status: 0 });
});
