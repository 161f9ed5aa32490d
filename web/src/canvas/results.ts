/** Which nodes show a picture: a preview of what they are making, or what they made last. */

import { useMemo } from "react";
import { activeTab, useDocuments } from "../store/documents";
import { type Output, type Run, useRuns } from "../store/runs";

/** The job that was last submitted from the open tab. */
export function useShownRun(): Run | undefined {
  const tab = useDocuments((state) => activeTab(state).id);
  return useRuns((state) => state.runs[state.lastOf[tab] ?? ""]);
}

/** Ids inside the open subgraph, as reports name them. */
export function usePrefix(): string {
  const path = useDocuments((state) => activeTab(state).path);
  return path.map((id) => `${id}/`).join("");
}

/** A text stands for the set, so that it is the same while nothing changed. */
export function useShownResults(): ReadonlySet<string> {
  const prefix = usePrefix();
  const run = useShownRun();
  const names = run ? [...picturesOf(run)].sort().join("\n") : "";
  return useMemo(() => {
    const all = names === "" ? [] : names.split("\n");
    const here = all.filter((name) => name.startsWith(prefix));
    return new Set(here.map((name) => name.slice(prefix.length)));
  }, [names, prefix]);
}

export function isPicture(output: Output): boolean {
  return output.type === "image" || output.content_type.startsWith("image/");
}

function picturesOf(run: Run): Set<string> {
  const found = new Set(run.outputs.filter(isPicture).map((output) => output.node_id));
  if (run.preview) found.add(run.preview.node);
  return found;
}
