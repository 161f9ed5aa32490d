/** What became of a file of another program: everything that is not as it was, by node. */

import type { Remark } from "../api/workflows";
import { nodesOf, placeOf, type Workflow } from "../graph/workflow";
import { useText } from "../text/catalogue";
import { Dialog } from "../ui/Dialog";
import { ask, type FileReport } from "./store";

export function ReportDialog({ reports }: { reports: readonly FileReport[] }) {
  const t = useText();
  const all = reports.flatMap(({ report }) => report.remarks);
  const kind = all.every(({ code }) => code === "updated") ? "updatedTitle" : "report";
  return (
    <Dialog open wide onClose={() => ask(null)} title={t(`keeping.${kind}`)}>
      {reports.map(({ file, report, workflow }) => (
        <section key={file} aria-label={file} className="keeping-report">
          <h3>{file}</h3>
          <p className="keeping-hint">{t(`keeping.source.${report.source}`)}</p>
          {byNode(report.remarks).map(([node, remarks]) => (
            <div key={node ?? ""}>
              <h4>
                {node === null ? t("keeping.wholeFile") : titleOf(workflow, node)}{" "}
                {node === null ? null : <code>{node}</code>}
              </h4>
              <ul>
                {remarks.map((remark) => (
                  <li key={`${remark.code} ${remark.field} ${remark.message}`}>
                    {remark.lost ? <em className="keeping-lost">{t("keeping.lost")}</em> : null}
                    {remark.field ? <code>{remark.field}</code> : null} {remark.message}
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </section>
      ))}
    </Dialog>
  );
}

function titleOf(workflow: Workflow, node: string): string {
  return placeOf(workflow, node).title ?? nodesOf(workflow)[node]?.type ?? "";
}

/** Those of nodes where something is lost first, those of the whole file before all. */
function byNode(remarks: readonly Remark[]): (readonly [string | null, readonly Remark[]])[] {
  const groups = new Map<string | null, Remark[]>();
  for (const remark of remarks)
    groups.set(remark.node, [...(groups.get(remark.node) ?? []), remark]);
  const rank = ([node, of]: readonly [string | null, readonly Remark[]]) =>
    node === null ? 0 : of.some((remark) => remark.lost) ? 1 : 2;
  return [...groups].sort((a, b) => rank(a) - rank(b));
}
