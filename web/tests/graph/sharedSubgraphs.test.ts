/** Cases shared with the server, which plans what is grouped here: tests/data/subgraphs.json. */

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseJson, writeJson } from "../../src/graph/json";
import { intoSubgraph } from "../../src/graph/subgraph";
import { ungrouped } from "../../src/graph/ungroup";
import type { Workflow } from "../../src/graph/workflow";
import { CATALOGUE } from "./shared";

interface Case {
  readonly name: string;
  readonly flat: Workflow;
  readonly picked: readonly string[];
  readonly grouped?: Workflow;
}
interface Cases {
  readonly about: string;
  readonly only: { readonly [node: string]: string };
  readonly cases: readonly Case[];
}

const PATH = resolve(process.cwd(), "../tests/data/subgraphs.json");
const shared = parseJson(readFileSync(PATH, "utf8")) as unknown as Cases;
const names = {
  output: (node: string, output: string | undefined) => output ?? shared.only[node] ?? "",
  title: (node: string) => node,
};
const grouped = ({ flat, picked }: Case) => intoSubgraph(flat, new Set(picked), "group", names);

// To write the file anew after a change of the rules: WRITE_CASES=1 npx vitest run sharedSubgraphs
if (process.env.WRITE_CASES) {
  const cases = shared.cases.map((one) => ({ ...one, grouped: grouped(one) }));
  writeFileSync(PATH, `${writeJson({ ...shared, cases }, 1)}\n`);
}

describe.each(shared.cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
  it("is grouped as the server's tests have it", () => {
    const expected = process.env.WRITE_CASES ? grouped(one) : one.grouped;
    expect(grouped(one)).toEqual(expected);
  });

  it("comes back when it is taken apart", () => {
    const back = ungrouped(grouped(one), "group", CATALOGUE)?.doc;
    expect(Object.keys(back?.nodes ?? {}).toSorted()).toEqual(
      Object.keys(one.flat.nodes ?? {}).toSorted(),
    );
    expect(back?.inputs).toEqual(one.flat.inputs);
  });
});
