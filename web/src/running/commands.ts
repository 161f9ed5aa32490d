/** Commands of running workflows. */

import { register } from "../commands/registry";
import { isLeftOut } from "../graph/modes";
import { nodesOf } from "../graph/workflow";
import { activeTab, openDoc } from "../store/documents";
import { activeRuns, useRuns } from "../store/runs";
import { selectedNodes } from "../store/selection";
import { toast } from "../store/toasts";
import { show } from "../store/view";
import { t } from "../text/catalogue";
import { useBatch } from "./batch";
import { switchLive } from "./live";
import { check } from "./recheck";
import { attempt, stop, submit } from "./submit";

/** Names of the selected nodes as the server knows them, but for those that never run. */
function targets(): string[] {
  const { doc, path } = activeTab();
  const nodes = nodesOf(openDoc());
  return [...selectedNodes()]
    .filter((id) => id in nodes && !isLeftOut(doc, path, id))
    .map((id) => [...path, id].join("/"));
}

function isBusy(tab?: string): boolean {
  return activeRuns(useRuns.getState(), tab).length > 0;
}

async function checkNow(): Promise<void> {
  const count = await check(activeTab().id);
  if (count === undefined) return;
  if (count === 0) toast({ kind: "success", text: t("running.noProblems") });
  else show({ panel: "problems" });
}

register(
  {
    id: "run.queue",
    keys: "Mod+Enter",
    inFields: true,
    overDialogs: true,
    run: async () => void (await submit(activeTab())),
  },
  {
    id: "run.many",
    keys: "Mod+Shift+Enter",
    inFields: true,
    run: () => useBatch.setState({ open: true }),
  },
  {
    id: "run.here",
    keys: "Alt+Enter",
    enabled: () => targets().length > 0,
    run: async () => void (await submit(activeTab(), { targets: targets() })),
  },
  { id: "run.live", keys: "Mod+Alt+L", inFields: true, run: () => switchLive() },
  { id: "run.check", run: checkNow },
  {
    id: "run.cancel",
    keys: "Mod+Alt+Enter",
    inFields: true,
    overDialogs: true,
    enabled: () => isBusy(activeTab().id),
    run: async () => void (await attempt(() => stop(activeTab().id))),
  },
  {
    id: "run.cancelAll",
    enabled: () => isBusy(),
    run: async () => void (await attempt(() => stop())),
  },
);
