/** What can be done with a job of the past: load it, run it again. */

import { ranWorkflow, submitJob } from "../api/jobs";
import { withNewSeeds } from "../running/seeds";
import { attempt, CLIENT, catchUp, submitted } from "../running/submit";
import { openTab } from "../store/documents";
import { useNodes } from "../store/nodes";
import type { JobCard } from "../store/runs";
import { toast } from "../store/toasts";
import { show } from "../store/view";
import { t } from "../text/catalogue";
import { findPlace } from "./where";

/** Opens what a job ran in a tab of its own, with the seeds that were drawn. */
export function loadWorkflow(job: string): Promise<boolean> {
  return attempt(async () => {
    const { workflow } = await ranWorkflow(job);
    openTab(workflow);
    show({ page: "graph" });
  });
}

/** Submits what a job ran, as it was or with seeds drawn anew. */
export function runAgain(job: JobCard, newSeeds: boolean): Promise<boolean> {
  return attempt(async () => {
    const { workflow } = await ranWorkflow(job.id);
    const { catalogue } = useNodes.getState();
    const doc = newSeeds && catalogue ? withNewSeeds(workflow, catalogue) : workflow;
    const tab = findPlace(job)?.id;
    const labels = tab === undefined ? {} : { metadata: { tab } };
    const wanted = { workflow: doc, targets: job.targets, client_id: CLIENT, ...labels };
    const id = await submitJob(wanted);
    submitted.add(id);
    await catchUp(id);
    toast({
      kind: "info",
      text: t("panels.queuedAgain", { name: job.title || t("common.untitled") }),
    });
  });
}
