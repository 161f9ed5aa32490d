/** How nodes stand in the job that was last submitted from the open tab, and what is wrong. */

import { createContext, use } from "react";
import { activeTab, useDocuments } from "../store/documents";
import type { NodeReport, NodeStatus, Problem, Run } from "../store/runs";
import { useRuns } from "../store/runs";
import { usePrefix } from "./results";

type RunsState = ReturnType<typeof useRuns.getState>;

/** Where the open workflow stands: its tab, and how ids of its nodes begin in reports. */
export interface Scope {
  readonly tab: string;
  readonly prefix: string;
}

export const ScopeContext = createContext<Scope>({ tab: "", prefix: "" });

export function useScopeNow(): Scope {
  const tab = useDocuments((state) => activeTab(state).id);
  const prefix = usePrefix();
  return { tab, prefix };
}

function runOf(state: RunsState, scope: Scope): Run | undefined {
  return state.runs[state.lastOf[scope.tab] ?? ""];
}

/** The report of a node; of a subgraph, what those of its nodes amount to. */
export function useReport(id: string): NodeReport | undefined {
  const scope = use(ScopeContext);
  return useRuns((state) => {
    const run = runOf(state, scope);
    return run && reportsIn(run.nodes, scope.prefix).get(id);
  });
}

export function useStatus(id: string): NodeStatus | undefined {
  const scope = use(ScopeContext);
  return useRuns((state) => {
    const run = runOf(state, scope);
    return run && reportsIn(run.nodes, scope.prefix).get(id)?.status;
  });
}

/** From 0 to 1 while the node counts its steps; null while it does not run. */
export function useProgress(id: string): number | null {
  const scope = use(ScopeContext);
  return useRuns((state) => {
    const run = runOf(state, scope);
    const now = run?.progress;
    const current = now?.current_node;
    if (run?.status !== "running" || !now || !current) return null;
    const name = scope.prefix + id;
    if (current !== name && !current.startsWith(`${name}/`)) return null;
    return now.step !== null && now.steps ? now.step / now.steps : 0;
  });
}

const NO_PROBLEMS: readonly Problem[] = [];

/** What is wrong with a node: found at the last submit, or when it ran. */
export function useProblems(id: string): readonly Problem[] {
  const scope = use(ScopeContext);
  return useRuns((state) => problemsOf(state, scope, id));
}

function problemsOf(state: RunsState, scope: Scope, id: string): readonly Problem[] {
  const found = state.problems[scope.tab] ?? NO_PROBLEMS;
  const refused = found.length > 0 ? grouped(found, scope.prefix).get(id) : undefined;
  if (refused) return refused;
  const error = runOf(state, scope)?.error;
  return (error && grouped(failure(error), scope.prefix).get(id)) ?? NO_PROBLEMS;
}

const failures = new WeakMap<object, readonly Problem[]>();

function failure(error: NonNullable<Run["error"]>): readonly Problem[] {
  const { code, message, node_id: node } = error;
  const made = { code, message, node, field: null, expected: null, got: null, nearest: null };
  return remembered(failures, error, () => [made]);
}

const problemGroups = new WeakMap<object, Map<string, ReadonlyMap<string, readonly Problem[]>>>();

/** Problems by the node that is on the canvas: that of an inner node is its subgraph's. */
function grouped(problems: readonly Problem[], prefix: string) {
  const byPrefix = remembered(problemGroups, problems, () => new Map());
  return within(byPrefix, prefix, () => {
    const made = new Map<string, Problem[]>();
    for (const problem of problems) {
      const id = nameIn(prefix, problem.node);
      if (id === undefined) continue;
      const own = id === problem.node?.slice(prefix.length);
      made.set(id, [...(made.get(id) ?? []), own ? problem : { ...problem, field: null }]);
    }
    return made;
  });
}

const reportGroups = new WeakMap<object, Map<string, ReadonlyMap<string, NodeReport>>>();

export function reportsIn(nodes: Run["nodes"], prefix: string): ReadonlyMap<string, NodeReport> {
  const byPrefix = remembered(reportGroups, nodes, () => new Map());
  return within(byPrefix, prefix, () => {
    const made = new Map<string, NodeReport>();
    for (const [name, report] of Object.entries(nodes)) {
      const id = nameIn(prefix, name);
      if (id === undefined) continue;
      const before = made.get(id);
      made.set(id, before ? together(before, report) : report);
    }
    return made;
  });
}

/** Which node of the open workflow a name in a report belongs to; undefined: none of it. */
function nameIn(prefix: string, name: string | null): string | undefined {
  if (name === null || !name.startsWith(prefix)) return undefined;
  return name.slice(prefix.length).split("/")[0];
}

const WEIGHT: { readonly [status in NodeStatus]: number } = {
  failed: 5,
  running: 4,
  canceled: 3,
  ran: 2,
  reused: 1,
  skipped: 0,
};

function together(a: NodeReport, b: NodeReport): NodeReport {
  const seconds = (a.seconds ?? 0) + (b.seconds ?? 0);
  return { ...(WEIGHT[b.status] > WEIGHT[a.status] ? b : a), seconds };
}

function remembered<V>(cache: WeakMap<object, V>, key: object, make: () => V): V {
  const made = cache.get(key) ?? make();
  cache.set(key, made);
  return made;
}

function within<V>(cache: Map<string, V>, key: string, make: () => V): V {
  const made = cache.get(key) ?? make();
  cache.set(key, made);
  return made;
}
