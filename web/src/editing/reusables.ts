/** Nodes that people keep: saved subgraphs, found in the palette like others. */

import { create } from "zustand";
import { ApiError } from "../api/client";
import { listWorkflows, loadWorkflow, saveWorkflow } from "../api/workflows";
import { register } from "../commands/registry";
import { REUSABLE, reusableFrom, reusableSchema, reusableTitle } from "../graph/reusable";
import type { Catalogue, NodeSchema } from "../graph/schema";
import type { Workflow } from "../graph/workflow";
import { openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { singleSubgraph } from "./picked";
import { openDialog } from "./store";

export interface Reusable {
  readonly name: string;
  readonly version: number;
  readonly document: Workflow;
}

interface Reusables {
  readonly all: readonly Reusable[];
}

/** More than a palette could show; each is one request. */
const MOST = 200;

export const useReusables = create<Reusables>(() => ({ all: [] }));

/** Asks the server what there is; while it is away, what was there before is offered. */
export async function loadReusables(): Promise<void> {
  try {
    const listed = (await listWorkflows(REUSABLE)).filter(({ name }) => reusableTitle(name));
    const known = new Map(useReusables.getState().all.map((one) => [one.name, one]));
    const all = listed.slice(0, MOST).map(({ name, version }) => {
      const found = known.get(name);
      return found?.version === version ? found : loadWorkflow(name);
    });
    useReusables.setState({ all: await Promise.all(all) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** The saved nodes as if they were types of their own. */
export function reusableSchemas(all: readonly Reusable[], catalogue: Catalogue): NodeSchema[] {
  const category = t("editing.own");
  return all.map(({ name, document }) => {
    return reusableSchema(reusableTitle(name) ?? name, document, category, catalogue);
  });
}

export type Kept = "kept" | { readonly taken: number } | { readonly refused: string };

/** Keeps a subgraph under a title; `over` is the version that it may take the place of. */
export async function keepNode(id: string, title: string, over: number | null): Promise<Kept> {
  const document = reusableFrom(openDoc(), id, title);
  if (document === undefined) return { refused: t("editing.noSubgraph") };
  try {
    await saveWorkflow(REUSABLE + title, document, over, null);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { version } = error.details;
    if (error.status === 409 && typeof version === "number") return { taken: version };
    return { refused: error.message };
  }
  toast({ kind: "success", text: t("editing.kept", { title }) });
  await loadReusables();
  return "kept";
}

/** Asks again whenever the palette may be opened anew. */
export function followReusables(): () => void {
  const look = () => {
    if (document.visibilityState === "visible") void loadReusables();
  };
  look();
  const end = useNodes.subscribe(look);
  document.addEventListener("visibilitychange", look);
  return () => {
    end();
    document.removeEventListener("visibilitychange", look);
  };
}

register({
  id: "node.keep",
  enabled: () => singleSubgraph() !== undefined,
  run: () => openDialog({ kind: "reusable", node: singleSubgraph() ?? "" }),
});
