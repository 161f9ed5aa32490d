/** The queue: what runs and how far it is, what waits and in which order. */

import { Pause, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { clearQueue, moveJob, pauseQueue } from "../api/jobs";
import { attempt } from "../running/submit";
import { isDone, type QueueState, type Run, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { RunningRow, WaitingRow } from "./QueueRow";
import { beforeOf } from "./turns";
import "./panels.css";

export function Queue() {
  const t = useText();
  const queue = useRuns((state) => state.queue);
  const runs = useRuns((state) => state.runs);
  const active = Object.values(runs).filter((run) => !isDone(run));
  const running = active.filter((run) => run.status !== "queued");
  const waiting = inTurn(active, queue);
  const others = (queue?.queued ?? 0) - waiting.length;
  return (
    <div className="panels-list">
      <Tools queue={queue} waiting={waiting.length} />
      {active.length === 0 ? <p className="panels-empty">{t("panels.queue.empty")}</p> : null}
      {running.length > 0 ? (
        <section aria-label={t("panels.status.running")}>
          <h3 className="panels-head">{t("panels.status.running")}</h3>
          <ul className="panels-rows">
            {running.map((run) => (
              <RunningRow key={run.id} run={run} />
            ))}
          </ul>
        </section>
      ) : null}
      {waiting.length > 0 ? <Waiting waiting={waiting} queue={queue} /> : null}
      {others > 0 ? (
        <p className="panels-quiet">{t("panels.queue.others", { count: others })}</p>
      ) : null}
    </div>
  );
}

function inTurn(active: readonly Run[], queue: QueueState | null): Run[] {
  const turn = (run: Run) => queue?.positions[run.id] ?? run.position ?? Number.MAX_SAFE_INTEGER;
  const waiting = active.filter((run) => run.status === "queued");
  return waiting.sort((a, b) => turn(a) - turn(b) || a.created_at.localeCompare(b.created_at));
}

function Waiting({ waiting, queue }: { waiting: readonly Run[]; queue: QueueState | null }) {
  const t = useText();
  const [dragged, setDragged] = useState<string | null>(null);
  const move = (id: string, before: string | null) => {
    setDragged(null);
    if (id !== before) void attempt(() => moveJob(id, before));
  };
  return (
    <section aria-label={t("panels.status.queued")}>
      <h3 className="panels-head">{t("panels.status.queued")}</h3>
      <ul className="panels-rows">
        {waiting.map((run) => (
          <WaitingRow
            key={run.id}
            run={run}
            position={queue?.positions[run.id] ?? run.position}
            dragged={dragged === run.id}
            up={beforeOf(waiting, run.id, -1)}
            down={beforeOf(waiting, run.id, 1)}
            onMove={(before) => move(run.id, before)}
            onDrag={() => setDragged(run.id)}
            onDrop={dragged === null ? undefined : () => move(dragged, run.id)}
            onDragEnd={() => setDragged(null)}
          />
        ))}
      </ul>
    </section>
  );
}

function Tools({ queue, waiting }: { queue: QueueState | null; waiting: number }) {
  const t = useText();
  const paused = queue?.paused === true;
  return (
    <div className="panels-tools">
      <Button onClick={() => void attempt(() => pauseQueue(!paused))}>
        {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        {t(paused ? "panels.queue.resume" : "panels.queue.pause")}
      </Button>
      <Button kind="quiet" disabled={waiting === 0} onClick={() => void attempt(clearQueue)}>
        <Trash2 aria-hidden /> {t("panels.queue.clear")}
      </Button>
      {paused ? (
        <p className="panels-note" role="status">
          {t("panels.queue.isPaused")}
        </p>
      ) : null}
    </div>
  );
}
