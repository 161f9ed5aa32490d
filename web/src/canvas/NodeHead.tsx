/** The title of a node, how its last run went, and what is wrong with it. */

import { Ban, Box, FastForward, TriangleAlert } from "lucide-react";
import { SUBGRAPH } from "../graph/workflow";
import { problemText } from "../running/problemText";
import { reasonText } from "../running/reasons";
import type { NodeReport, Problem } from "../store/runs";
import { useText } from "../text/catalogue";
import { Hint } from "../ui/Hint";
import type { NodeData } from "./flow";
import { useProgress } from "./report";

interface NodeHeadProps {
  readonly id: string;
  readonly data: NodeData;
  readonly report: NodeReport | undefined;
  readonly problems: readonly Problem[];
}

export function NodeHead({ id, data, report, problems }: NodeHeadProps) {
  const { entry, ports, title } = data;
  const { schema } = ports;
  const t = useText();
  const about = schema?.description ?? missing(data, t);
  return (
    <>
      <header className="node-head">
        {entry.type === SUBGRAPH ? <Box className="node-icon" aria-hidden /> : null}
        <Hint text={about} side="top">
          <span className="node-title">{title}</span>
        </Hint>
        {entry.mode === "muted" ? (
          <Ban className="node-icon" role="img" aria-label={t("canvas.muted")} />
        ) : null}
        {entry.mode === "bypassed" ? (
          <FastForward className="node-icon" role="img" aria-label={t("canvas.bypassed")} />
        ) : null}
        <Trouble data={data} problems={problems} />
        {report ? <State report={report} /> : null}
      </header>
      <ProgressLine id={id} title={title} />
    </>
  );
}

type Say = ReturnType<typeof useText>;

function missing({ entry }: NodeData, t: Say): string {
  return entry.type === SUBGRAPH ? t("canvas.subgraph") : t("canvas.missing", { type: entry.type });
}

/** Why it ran or did not; focusable, so that it is read without a mouse. */
function State({ report }: { readonly report: NodeReport }) {
  const t = useText();
  const { status, reason, seconds } = report;
  const word = t(`canvas.status.${status}`);
  const took = seconds ? ` · ${t("canvas.seconds", { seconds: seconds.toFixed(2) })}` : "";
  const text = `${word}${reason ? `: ${reasonText(reason, t)}` : ""}${took}`;
  return (
    <Hint text={text} side="top">
      <span className="node-state" data-status={status} role="img" aria-label={text} />
    </Hint>
  );
}

function Trouble({ data, problems }: Pick<NodeHeadProps, "data" | "problems">) {
  const t = useText();
  const lines = problems.map((problem) =>
    problem.field ? `${problem.field}: ${problemText(problem)}` : problemText(problem),
  );
  for (const [name, from] of data.broken) {
    lines.push(t("canvas.inputBroken", { name, from, type: "" }));
  }
  if (lines.length === 0) return null;
  return (
    <Hint text={lines.join("\n")} side="top">
      <span className="node-trouble" role="img" aria-label={lines.join("; ")}>
        <TriangleAlert aria-hidden />
      </span>
    </Hint>
  );
}

function ProgressLine({ id, title }: { readonly id: string; readonly title: string }) {
  const progress = useProgress(id);
  if (progress === null) return null;
  return <progress className="node-progress" value={progress} max={1} aria-label={title} />;
}
