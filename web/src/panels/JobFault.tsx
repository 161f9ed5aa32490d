/** Why a job failed: the node, the message, what was printed before, and the traceback. */

import { Crosshair } from "lucide-react";
import { jumpTo } from "../running/jump";
import { activeTab, useDocuments } from "../store/documents";
import type { JobCard, LogLine, Run } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { nodeTitleOf } from "./names";

const SHOWN_LINES = 30;
/** Faults of the machine rather than of the workflow: what may help is said for each. */
const ADVICE = new Set(["interrupted", "worker_crashed", "out_of_memory", "output_error"]);

export function JobFault({ job }: { readonly job: JobCard & Partial<Pick<Run, "logs">> }) {
  const t = useText();
  const here = useDocuments((state) => activeTab(state).id) === job.metadata?.tab;
  const { error } = job;
  if (error === null) return null;
  const { node_id: node, message, traceback, code } = error;
  return (
    <div className="panels-fault">
      <p className="panels-fault-text">
        {node !== null ? <strong>{nodeTitleOf(job, node, null)}: </strong> : null}
        {message}
      </p>
      {ADVICE.has(code) ? <p className="panels-try">{t(`panels.advice.${code}`)}</p> : null}
      {here && node !== null ? (
        <Button onClick={() => jumpTo(node)}>
          <Crosshair aria-hidden /> {t("panels.problems.jump")}
        </Button>
      ) : null}
      <Lines lines={job.logs ?? []} />
      {traceback ? (
        <details>
          <summary>{t("panels.traceback")}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
          <pre className="panels-pre" tabIndex={0}>
            {traceback}
          </pre>
        </details>
      ) : null}
    </div>
  );
}

function Lines({ lines }: { readonly lines: readonly LogLine[] }) {
  const t = useText();
  if (lines.length === 0) return null;
  const text = lines.slice(-SHOWN_LINES).map((line) => line.message.trimEnd());
  return (
    <details open>
      <summary>{t("panels.printed")}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <pre className="panels-pre" tabIndex={0}>
        {text.join("\n")}
      </pre>
    </details>
  );
}
