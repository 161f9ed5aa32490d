/** What ran in a job and why: each node with its status, the reason and the time it took. */

import { jumpTo } from "../running/jump";
import { reasonText } from "../running/reasons";
import { activeTab, useDocuments } from "../store/documents";
import type { Job, NodeReport } from "../store/runs";
import { useText } from "../text/catalogue";
import { nodeTitle, nodeTitleOf, seconds } from "./names";
import { StatusMark } from "./StatusMark";
import { useJob } from "./useJob";

export function WhyList({ id }: { readonly id: string }) {
  const t = useText();
  const job = useJob(id);
  if (job === undefined) return <p className="panels-quiet">{t("panels.loading")}</p>;
  const nodes = Object.entries(job.nodes);
  if (nodes.length === 0) return <p className="panels-quiet">{t("panels.why.nothing")}</p>;
  return (
    <ul className="panels-why" aria-label={t("panels.why.title")}>
      {nodes.map(([name, report]) => (
        <Line key={name} name={name} report={report} job={job} />
      ))}
    </ul>
  );
}

interface LineProps {
  readonly name: string;
  readonly report: NodeReport;
  readonly job: Job;
}

function Line({ name, report, job }: LineProps) {
  const t = useText();
  const here = useDocuments((state) => activeTab(state).id) === job.metadata?.tab;
  return (
    <li className="panels-why-line" data-status={report.status}>
      <StatusMark status={report.status} bare />
      <span className="panels-why-words">
        {here ? (
          <span>
            <button type="button" className="panels-jump" onClick={() => jumpTo(name)}>
              {nodeTitle(name)}
            </button>{" "}
            <span className="panels-id">{name}</span>
          </span>
        ) : (
          <span>
            {nodeTitleOf(job, name, report.type)} <span className="panels-id">{name}</span>
          </span>
        )}
        <span className="panels-why-reason">
          {t(`panels.status.${report.status}`)}
          {report.reason ? `: ${reasonText(report.reason, t)}` : null}
        </span>
      </span>
      <span className="panels-why-time">{report.seconds ? seconds(report.seconds) : null}</span>
    </li>
  );
}
