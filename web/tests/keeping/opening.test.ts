import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { discardDraft } from "../../src/keeping/opening";
import { useKeeping } from "../../src/keeping/store";

const LISTED = { name: "~far", base_version: 0, saved_at: "2030-01-01T00:00:00Z", size: 1 };

let saved_at: string;
let dropped: string[];

beforeEach(() => {
  [saved_at, dropped] = [LISTED.saved_at, []];
  useKeeping.setState({ elsewhere: [LISTED] });
  vi.stubGlobal("fetch", async (path: string, { method }: RequestInit) => {
    if (method === "DELETE") {
      dropped.push(path);
      return new Response(null, { status: 204 });
    }
    const document = { nodegraph: 1, nodes: {} };
    return new Response(JSON.stringify({ ...LISTED, saved_at, revision: "r7", document }));
  });
});

afterEach(() => vi.unstubAllGlobals());

it("discards the edit that was listed, at the revision that it has", async () => {
  await discardDraft(LISTED);
  expect(dropped).toEqual([expect.stringContaining("revision=r7")]);
  expect(useKeeping.getState().elsewhere).toEqual([]);
});

it("does not discard what somebody made of it since", async () => {
  saved_at = "2030-01-01T00:00:05Z";
  await discardDraft(LISTED);
  expect(dropped).toEqual([]);
  expect(useKeeping.getState().elsewhere).toEqual([{ ...LISTED, saved_at }]);
});
