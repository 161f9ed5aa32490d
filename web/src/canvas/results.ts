/** Which nodes show a result: a preview of what they are making, or what they made last. */

import { useMemo } from "react";
import { activeTab, useDocuments } from "../store/documents";
import { type Made, type Output, type Run, runOf, useRuns } from "../store/runs";

/** The job that the open tab shows. */
export function useShownRun(): Run | undefined {
  const tab = useDocuments((state) => activeTab(state).id);
  return useRuns((state) => runOf(state, tab));
}

/** Ids inside the open subgraph, as reports name them. */
export function usePrefix(): string {
  const path = useDocuments((state) => activeTab(state).path);
  return path.map((id) => `${id}/`).join("");
}

/** A text stands for the set, so that it is the same while nothing changed. */
export function useShownResults(): ReadonlySet<string> {
  const prefix = usePrefix();
  const tab = useDocuments((state) => activeTab(state).id);
  const names = useRuns((state) => shownNames(state.made[tab], runOf(state, tab)));
  return useMemo(() => {
    const all = names === "" ? [] : names.split("\n");
    const here = all.filter((name) => name.startsWith(prefix));
    return new Set(here.map((name) => outerOf(name, prefix)));
  }, [names, prefix]);
}

/** What a node of the open workflow made last; of a subgraph, what its nodes made. */
export function useResults(id: string): readonly Output[] {
  const name = usePrefix() + id;
  const tab = useDocuments((state) => activeTab(state).id);
  const made = useRuns((state) => state.made[tab]);
  return useMemo(() => resultsOf(made, name), [made, name]);
}

/** The picture that a node is making. */
export function usePreview(id: string): string | undefined {
  const name = usePrefix() + id;
  const tab = useDocuments((state) => activeTab(state).id);
  return useRuns((state) => {
    const preview = runOf(state, tab)?.preview;
    return preview && belongs(preview.node, name) ? preview.url : undefined;
  });
}

export function isPicture(output: Output): boolean {
  return output.type === "image" || output.content_type.startsWith("image/");
}

/** Whether there is more to see of it than a name. */
export function isShown(output: Output): boolean {
  return isPicture(output) || ["text", "audio", "video"].includes(output.type);
}

type MadeOf = { readonly [node: string]: Made } | undefined;

function shownNames(made: MadeOf, run: Run | undefined): string {
  const names = Object.entries(made ?? {})
    .filter(([, { outputs }]) => outputs.some(isShown))
    .map(([name]) => name);
  if (run?.preview) names.push(run.preview.node);
  return [...new Set(names)].sort().join("\n");
}

function resultsOf(made: MadeOf, name: string): readonly Output[] {
  const own = Object.entries(made ?? {}).filter(([node]) => belongs(node, name));
  return own.flatMap(([, { outputs }]) => outputs.filter(isShown));
}

function belongs(node: string, name: string): boolean {
  return node === name || node.startsWith(`${name}/`);
}

function outerOf(name: string, prefix: string): string {
  return name.slice(prefix.length).split("/")[0] ?? "";
}
