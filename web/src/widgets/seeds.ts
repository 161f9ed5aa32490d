/** Seeds found again in what a job ran. */

import { useEffect, useState } from "react";
import { request } from "../api/client";
import { at, type Path } from "../graph/path";
import { literalOf, nodesOf, type Workflow } from "../graph/workflow";
import { activeTab, useDocuments } from "../store/documents";
import { isDone, useRuns } from "../store/runs";
import type { Figure } from "./arithmetic";
import { isFigure } from "./numbers";

/** The seed that an input had in a workflow that ran; subgraphs may be flattened in it. */
export function seedIn(ran: Workflow, path: Path, node: string, input: string): Figure | undefined {
  const flat = nodesOf(ran)[[...path, node].join("/")];
  const entry = flat ?? nodesOf(at(ran, path) ?? ran)[node];
  const value = literalOf(entry?.inputs?.[input]);
  return isFigure(value) ? value : undefined;
}

const asked = new Map<string, Promise<Workflow | undefined>>();

/** What a job ran; undefined where the server cannot say. Asked for once. */
function workflowOf(job: string): Promise<Workflow | undefined> {
  const known = asked.get(job);
  if (known) return known;
  const answer = request<{ workflow: Workflow }>(`api/editor/jobs/${job}/workflow`).then(
    ({ workflow }) => workflow,
    () => undefined,
  );
  asked.clear();
  asked.set(job, answer);
  return answer;
}

/** The seed that an input of the open workflow had in the last job of its tab. */
export function useLastSeed(node: string, input: string): Figure | undefined {
  const tab = useDocuments((state) => activeTab(state).id);
  const path = useDocuments((state) => activeTab(state).path);
  const job = useRuns((state) => {
    const run = state.runs[state.lastOf[tab] ?? ""];
    return run && isDone(run) ? run.id : undefined;
  });
  const [last, setLast] = useState<Figure>();
  useEffect(() => {
    if (job === undefined) return;
    let current = true;
    void workflowOf(job).then((ran) => {
      if (current && ran) setLast(seedIn(ran, path, node, input));
    });
    return () => {
      current = false;
    };
  }, [job, path, node, input]);
  return last;
}
