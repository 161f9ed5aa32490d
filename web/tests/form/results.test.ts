import { expect, test } from "vitest";
import { glimpseOf } from "../../src/form/results";
import type { Workflow } from "../../src/graph/workflow";
import type { Output, Run } from "../../src/store/runs";

const DOC: Workflow = { nodegraph: 1, nodes: {}, outputs: { image: { node: "save" } } };

function output(node_id: string, content_type: string, thumbnail_url: string | null): Output {
  return {
    node_id,
    content_type,
    thumbnail_url,
    url: `/full/${node_id}`,
    temporary: false,
  } as Output;
}

function run(status: Run["status"], outputs: readonly Output[]): Run {
  return { status, outputs, preview: { node: "sample", url: "blob:now" } } as unknown as Run;
}

test("beside the button stands what is being made, then the first picture that was made", () => {
  const made = [output("other", "image/png", "/x"), output("save", "text/plain", null)];
  const picture = output("save", "image/png", "/small");
  expect(glimpseOf(DOC, run("running", [picture]))).toBe("blob:now");
  expect(glimpseOf(DOC, run("succeeded", [...made, picture]))).toBe("/small");
  expect(glimpseOf(DOC, run("succeeded", [output("save", "image/png", null)]))).toBe("/full/save");
  expect(glimpseOf(DOC, run("succeeded", made))).toBeUndefined();
});
