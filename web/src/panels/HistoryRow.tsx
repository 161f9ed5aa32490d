/** One job of the history. */

import { Dices, Ellipsis, FolderOpen, Pin, PinOff, Repeat, Trash2 } from "lucide-react";
import { useState } from "react";
import { deleteJob, pinJob } from "../api/jobs";
import { attempt } from "../running/submit";
import { type JobCard, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { About } from "./About";
import { loadWorkflow, runAgain } from "./again";
import { JobFault } from "./JobFault";
import { duration, moment, seconds } from "./names";
import { StatusMark } from "./StatusMark";
import { Thumbs } from "./Thumbs";
import { WhyList } from "./WhyList";

export interface HistoryRowProps {
  readonly job: JobCard;
  readonly onChange: (job: JobCard) => void;
}

export function HistoryRow({ job, onChange }: HistoryRowProps) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const logs = useRuns((state) => state.runs[job.id]?.logs);
  const took = duration(job);
  return (
    <li className="panels-row" data-job={job.id} data-status={job.status}>
      <div className="panels-row-head">
        <div className="panels-row-words">
          <span className="panels-row-title">
            <StatusMark status={job.status} bare />
            {job.title || t("common.untitled")}
            {job.targets !== null ? <em> · {t("panels.partly")}</em> : null}
            {job.pinned ? <Pin className="panels-pinned" aria-label={t("panels.pinned")} /> : null}
          </span>
          <About job={job} />
          <span className="panels-quiet">
            {moment(job.created_at)}
            {took === undefined ? null : ` · ${seconds(took)}`}
          </span>
        </div>
        <Actions job={job} onChange={onChange} />
      </div>
      <Thumbs outputs={job.outputs} />
      <JobFault job={{ ...job, ...(logs && { logs }) }} />
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("panels.why.title")}</summary>
        {open ? <WhyList id={job.id} /> : null}
      </details>
    </li>
  );
}

function Actions({ job, onChange }: HistoryRowProps) {
  const t = useText();
  const name = job.title || t("common.untitled");
  const pin = () => attempt(async () => onChange(await pinJob(job.id, !job.pinned)));
  return (
    <>
      <IconButton
        icon={<FolderOpen />}
        label={t("panels.load", { name })}
        onClick={() => void loadWorkflow(job.id)}
      />
      <IconButton
        icon={<Repeat />}
        label={t("panels.again", { name })}
        onClick={() => void runAgain(job, false)}
      />
      <Menu
        trigger={<IconButton icon={<Ellipsis />} label={t("panels.otherActions", { name })} />}
        items={[
          {
            label: t("panels.againNewSeed"),
            icon: <Dices />,
            run: () => void runAgain(job, true),
          },
          {
            label: t(job.pinned ? "panels.unpin" : "panels.pin"),
            icon: job.pinned ? <PinOff /> : <Pin />,
            run: () => void pin(),
          },
          "-",
          {
            label: t("common.delete"),
            icon: <Trash2 />,
            danger: true,
            run: () => void attempt(() => deleteJob(job.id)),
          },
        ]}
      />
    </>
  );
}
