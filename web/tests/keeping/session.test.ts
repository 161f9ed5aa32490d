import { afterEach, expect, it, vi } from "vitest";
import { startKeeping } from "../../src/keeping/session";
import { useKeeping } from "../../src/keeping/store";
import { edit, openTab } from "../../src/store/documents";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("where the browser keeps nothing for pages, the server keeps every edit all the same", async () => {
  const puts: string[] = [];
  vi.stubGlobal("fetch", async (path: string, { method, body }: RequestInit) => {
    if (method !== "PUT") return new Response(JSON.stringify({ drafts: [] }));
    puts.push(JSON.parse(`${body}`).document.name);
    return new Response(JSON.stringify({ name: path, revision: "r" }));
  });
  const refuse = () => {
    throw new DOMException("site data is blocked", "SecurityError");
  };
  vi.stubGlobal("indexedDB", { open: refuse });
  vi.stubGlobal("BroadcastChannel", refuse);
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(refuse);
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(refuse);

  const stop = startKeeping();
  await vi.waitFor(() => expect(useKeeping.getState().restored).toBe(true));
  openTab({ nodegraph: 1, nodes: {} });
  edit("edit", (doc) => ({ ...doc, name: "kept" }));
  await vi.waitFor(() => expect(puts).toEqual(["kept"]), { timeout: 5000 });
  stop();
});
