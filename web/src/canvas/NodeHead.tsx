/** The title of a node, and how its last run went. */

import type { NodeSchema } from "../graph/schema";
import type { NodeEntry } from "../graph/workflow";
import { placeOf } from "../graph/workflow";
import { openDoc, useDocuments } from "../store/documents";
import type { NodeReport } from "../store/runs";
import { useText } from "../text/catalogue";
import { Hint } from "../ui/Hint";
import { useProgress } from "./report";

interface NodeHeadProps {
  readonly id: string;
  readonly entry: NodeEntry;
  readonly schema: NodeSchema | undefined;
  readonly report: NodeReport | undefined;
}

export function NodeHead({ id, entry, schema, report }: NodeHeadProps) {
  const t = useText();
  const title = useDocuments((state) => placeOf(openDoc(state), id).title);
  const name = title ?? schema?.display_name ?? entry.type;
  const about = [schema?.description ?? t("canvas.missing", { type: entry.type })];
  if (report) about.push(`${t(`canvas.status.${report.status}`)}: ${report.reason ?? ""}`);
  return (
    <>
      <Hint text={about.join("\n\n")} side="top">
        <header className="node-head">
          <span className="node-title">{name}</span>
          {report ? <span className="node-state" data-status={report.status} /> : null}
        </header>
      </Hint>
      <ProgressLine id={id} />
    </>
  );
}

function ProgressLine({ id }: { id: string }) {
  const progress = useProgress(id);
  if (progress === null) return null;
  return <progress className="node-progress" value={progress} max={1} aria-label={id} />;
}
