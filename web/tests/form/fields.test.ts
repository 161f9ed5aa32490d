import { expect, it } from "vitest";
import { fieldsOf } from "../../src/form/fields";
import type { Catalogue } from "../../src/graph/schema";

const input = (name: string, label?: string) => ({
  name,
  ...(label && { label }),
  type: "int",
  wire: { name: "int", variable: null, list: false },
  required: true,
  optional: false,
  lazy: false,
  help: "",
});

it("are called as the file says, or as the node does in the language that is shown", () => {
  const schema = {
    name: "T",
    display_name: "T",
    inputs: [input("steps", "Schritte"), input("cfg")],
  };
  const catalogue = { find: () => schema } as unknown as Catalogue;
  const doc = {
    nodegraph: 1,
    nodes: { a: { type: "T", inputs: {} } },
    inputs: {
      steps: { node: "a", input: "steps" },
      often: { node: "a", input: "steps" },
      cfg: { node: "a", input: "cfg" },
      named: { node: "a", input: "steps", label: "How many" },
    },
  };
  const titles = fieldsOf(doc as never, catalogue).map(({ title }) => title);
  expect(titles).toEqual(["Schritte", "Often", "Cfg", "How many"]);
});
