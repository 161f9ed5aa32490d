/** One job of the queue. */

import { ArrowDown, ArrowUp, GripVertical, X } from "lucide-react";
import { type DragEvent, useState } from "react";
import { cancelJob, setPriority } from "../api/jobs";
import { attempt } from "../running/submit";
import { withPatch } from "../store/runChanges";
import { type Run, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { About } from "./About";
import { moment, stepWords } from "./names";
import { StatusMark } from "./StatusMark";
import { Thumbs } from "./Thumbs";
import { WhyList } from "./WhyList";
import { findPlace } from "./where";

const PRIORITIES = [10, 0, -10];

export function RunningRow({ run }: { readonly run: Run }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const { progress } = run;
  const value = progress?.value ?? 0;
  return (
    <li className="panels-row" data-job={run.id}>
      <div className="panels-row-head">
        {run.preview ? (
          <img className="panels-preview" src={run.preview.url} alt={t("running.preview")} />
        ) : null}
        <div className="panels-row-words">
          <Title run={run} />
          <About job={run} />
          <span className="panels-quiet">
            {run.status === "canceling" ? t("panels.status.canceling") : stepWords(run)}
          </span>
        </div>
        <span className="panels-percent">{Math.round(value * 100)} %</span>
        <Cancel run={run} />
      </div>
      <progress className="running-bar" value={value} max={1} aria-label={t("running.progress")} />
      <Thumbs outputs={run.outputs} />
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("panels.why.title")}</summary>
        {open ? <WhyList id={run.id} /> : null}
      </details>
    </li>
  );
}

export interface WaitingRowProps {
  readonly run: Run;
  readonly position: number | null;
  readonly dragged: boolean;
  /** The job to be put before by moving up or down; undefined where that is not possible. */
  readonly up: string | null | undefined;
  readonly down: string | null | undefined;
  readonly onMove: (before: string | null) => void;
  readonly onDrag: () => void;
  readonly onDrop: (() => void) | undefined;
  readonly onDragEnd: () => void;
}

export function WaitingRow(props: WaitingRowProps) {
  const t = useText();
  const [over, setOver] = useState(false);
  const { run, position, up, down, onMove, onDrop } = props;
  const name = run.title || t("common.untitled");
  const enter = (event: DragEvent) => {
    if (onDrop === undefined) return;
    event.preventDefault();
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onDrop?.();
  };
  return (
    <li
      className="panels-row"
      data-job={run.id}
      data-dragged={props.dragged || undefined}
      data-over={over || undefined}
      draggable
      onDragStart={props.onDrag}
      onDragEnd={props.onDragEnd}
      onDragOver={enter}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="panels-row-head">
        <GripVertical className="panels-grip" aria-hidden />
        <div className="panels-row-words">
          <Title run={run} />
          <About job={run} />
          <span className="panels-quiet">
            {t("panels.queue.place", { place: (position ?? 0) + 1 })} · {moment(run.created_at)}
          </span>
        </div>
        <IconButton
          icon={<ArrowUp />}
          label={t("panels.queue.earlier", { name })}
          disabled={up === undefined}
          onClick={() => up !== undefined && onMove(up)}
        />
        <IconButton
          icon={<ArrowDown />}
          label={t("panels.queue.later", { name })}
          disabled={down === undefined}
          onClick={() => down !== undefined && onMove(down)}
        />
        <Cancel run={run} />
      </div>
      <PriorityChoice run={run} name={name} />
    </li>
  );
}

function Title({ run }: { readonly run: Run }) {
  const t = useText();
  return (
    <span className="panels-row-title">
      {run.status === "queued" ? <StatusMark status="queued" bare /> : null}
      {run.title || findPlace(run)?.name || t("common.untitled")}
      {run.targets !== null ? <em> · {t("panels.partly")}</em> : null}
    </span>
  );
}

function Cancel({ run }: { readonly run: Run }) {
  const t = useText();
  const name = run.title || t("common.untitled");
  return (
    <IconButton
      icon={<X />}
      label={t("panels.queue.cancel", { name })}
      disabled={run.status === "canceling"}
      onClick={() => void attempt(() => cancelJob(run.id))}
    />
  );
}

function PriorityChoice({ run, name }: { readonly run: Run; readonly name: string }) {
  const t = useText();
  const now = run.priority ?? 0;
  const choices = PRIORITIES.includes(now)
    ? PRIORITIES
    : [...PRIORITIES, now].sort((a, b) => b - a);
  const label = (priority: number) =>
    PRIORITIES.includes(priority) ? t(`panels.priority.${priority}`) : String(priority);
  return (
    <select
      className="panels-select"
      aria-label={t("panels.priority.of", { name })}
      value={now}
      onChange={(event) => void choose(run.id, Number(event.target.value))}
    >
      {choices.map((priority) => (
        <option key={priority} value={priority}>
          {label(priority)}
        </option>
      ))}
    </select>
  );
}

async function choose(id: string, priority: number): Promise<void> {
  const done = await attempt(() => setPriority(id, priority));
  if (done) useRuns.setState((state) => withPatch(state, id, () => ({ priority })));
}
