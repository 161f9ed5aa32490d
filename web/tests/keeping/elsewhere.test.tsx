// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Elsewhere } from "../../src/keeping/Elsewhere";
import { useKeeping } from "../../src/keeping/store";
import { useToasts } from "../../src/store/toasts";

const KEY = "~tab";
const saved_at = new Date().toISOString();
const document = { nodegraph: 1, name: "Fog", nodes: { a: { type: "A" }, b: { type: "B" } } };

/** The server's rule: a draft goes only at the revision that was seen. */
let kept: { document: unknown; revision: string } | undefined;

const answer = (status: number, body: unknown) =>
  new Response(body === null ? null : JSON.stringify(body), { status });

async function server(path: string, init: RequestInit): Promise<Response> {
  const info = { name: KEY, base_version: 0, saved_at, revision: "r1" };
  if (init.method === "PUT") {
    kept = { document: JSON.parse(`${init.body}`).document, revision: "r1" };
    return answer(200, info);
  }
  if (kept === undefined) return answer(404, { error: { code: "none", message: "none" } });
  if (init.method === "DELETE") {
    if (!path.endsWith("revision=r1")) return answer(409, { error: { code: "conflict" } });
    kept = undefined;
    return answer(204, null);
  }
  return answer(200, { ...info, document: kept.document });
}

beforeEach(() => {
  vi.stubGlobal("fetch", server);
  kept = { document, revision: "r1" };
  useKeeping.setState({ elsewhere: [{ name: KEY, base_version: 0, saved_at, size: 1 }] });
  useToasts.setState({ toasts: [] });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("says which unsaved edit it is: by its own name, with a sketch and its size", async () => {
  render(<Elsewhere />);
  const row = screen.getByRole("listitem");
  expect(await within(row).findByText("Fog")).toBeTruthy();
  expect(row.textContent).toContain("2 nodes");
  expect(row.querySelectorAll("rect")).toHaveLength(2);
});

it("brings a discarded edit back", async () => {
  render(<Elsewhere />);
  fireEvent.click(await screen.findByRole("button", { name: "Discard" }));
  await vi.waitFor(() => expect(screen.queryByRole("listitem")).toBeNull());
  expect(kept).toBeUndefined();
  const message = useToasts.getState().toasts.at(-1);
  expect(message?.text).toContain("Fog");
  message?.action?.run();
  await vi.waitFor(() => expect(kept?.document).toEqual(document));
  expect(await screen.findByText("Fog")).toBeTruthy();
});
