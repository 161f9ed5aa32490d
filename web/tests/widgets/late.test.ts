import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Workflow } from "../../src/graph/workflow";
import { findTab, openTab, useDocuments } from "../../src/store/documents";
import type { Output } from "../../src/store/runs";
import { send } from "../../src/viewer/sending";
import { setOnce } from "../../src/widgets/change";
import { useTaking } from "../../src/widgets/taking";

const body: Workflow = { nodegraph: 1, nodes: { load: { type: "Load", inputs: {} } } };
const DOC = {
  nodegraph: 1,
  nodes: { load: { type: "Load", inputs: {} }, sub: { type: "Sub", inputs: { body } } },
} as unknown as Workflow;

/** What the server answers, once it may. */
let answer: () => void;
let first: string;
let second: string;

beforeEach(() => {
  const made = new Promise<void>((done) => {
    answer = done;
  });
  vi.stubGlobal("fetch", async () => {
    await made;
    return new Response(JSON.stringify({ name: "late.png" }));
  });
  useDocuments.setState({ tabs: [] });
  first = openTab(DOC);
});

afterEach(() => vi.unstubAllGlobals());

const fileIn = (doc: Workflow | undefined) => doc?.nodes?.load?.inputs?.file;
const moveOn = () => {
  second = openTab(structuredClone(DOC));
};

it("an upload lands where it began, whatever is open when it is done", async () => {
  useDocuments.setState(({ tabs }) => ({ tabs: tabs.map((tab) => ({ ...tab, path: ["sub"] })) }));
  const { result } = renderHook(() =>
    useTaking("image", (name, spot) => setOnce("load", "file", name, spot)),
  );
  const files = [new File(["x"], "late.png", { type: "image/png" })] as unknown as FileList;
  act(() => result.current.give(files));
  moveOn();
  await act(async () => answer());
  await vi.waitFor(() => expect(result.current.busy).toBe(false));

  const sub = findTab(first)?.doc.nodes?.sub?.inputs?.body as unknown as Workflow;
  expect(fileIn(sub)).toBe("late.png");
  expect(fileIn(findTab(first)?.doc)).toBeUndefined();
  expect(findTab(second)?.past).toEqual([]);
});

it("a result is sent to the workflow that it was sent from", async () => {
  const sending = send({ id: "asset" } as Output, { node: "load", input: "file", label: "" });
  moveOn();
  answer();
  await sending;
  expect(fileIn(findTab(first)?.doc)).toBe("late.png");
  expect(findTab(second)?.past).toEqual([]);
  expect(useDocuments.getState().active).toBe(second);
});
