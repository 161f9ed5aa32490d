/** What a run is at is told with the title of the node. */

import { beforeEach, expect, test } from "vitest";
import { stepWords } from "../../src/panels/names";
import { activeTab, openTab } from "../../src/store/documents";
import { useNodes } from "../../src/store/nodes";
import type { JobProgress } from "../../src/store/runs";
import { CATALOGUE } from "../graph/shared";

const TYPE = CATALOGUE.nodes[0];

function at(node: string, step: number | null): JobProgress {
  const counts = { value: 0.5, nodes_done: 1, nodes_total: 2 };
  const steps = step === null ? null : 20;
  return { ...counts, current_node: node, current_node_class: TYPE?.name ?? "", step, steps };
}

beforeEach(() => {
  useNodes.setState({ catalogue: CATALOGUE });
  const type = TYPE?.name ?? "";
  const layout = { sample: { title: "Fine strokes" } };
  openTab({ nodegraph: 1, nodes: { sample: { type }, plain: { type } }, layout });
});

test("the title that was given, and the step", () => {
  const metadata = { tab: activeTab().id };
  expect(stepWords({ metadata, progress: at("sample", 3) })).toBe("Fine strokes 3/20");
  expect(stepWords({ metadata, progress: at("sample", null) })).toBe("Fine strokes");
});

test("without one, or of a workflow that is not open: what the type is called", () => {
  const metadata = { tab: activeTab().id };
  expect(stepWords({ metadata, progress: at("plain", null) })).toBe(TYPE?.display_name);
  expect(stepWords({ progress: at("sample", 3) })).toBe(`${TYPE?.display_name} 3/20`);
});

test("a job in another tab is told with the titles of that one", () => {
  const metadata = { tab: activeTab().id };
  openTab({ nodegraph: 1, nodes: { other: { type: "x" } } });
  expect(stepWords({ metadata, progress: at("sample", null) })).toBe("Fine strokes");
});

test("nothing before the first node", () => {
  expect(stepWords({ progress: null })).toBeUndefined();
});
