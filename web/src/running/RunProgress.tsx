/** How far the run is that counts, as a bar and in words; how many wait behind it. */

import { stepWords } from "../panels/names";
import { activeTab, useDocuments } from "../store/documents";
import { useRuns } from "../store/runs";
import { show } from "../store/view";
import { useText } from "../text/catalogue";
import { countedRun } from "./title";

export function RunProgress() {
  const t = useText();
  const tab = useDocuments((state) => activeTab(state).id);
  const run = useRuns((state) => countedRun(state, tab));
  const waiting = useRuns((state) => Object.keys(state.queue?.positions ?? {}).length);
  const paused = useRuns((state) => state.queue?.paused === true);
  if (run === undefined && !(paused && waiting > 0)) return null;
  const value = run?.progress?.value ?? 0;
  const words = [
    run && (run.status === "queued" ? t("panels.status.queued") : `${Math.round(value * 100)} %`),
    run?.status === "canceling" ? t("panels.status.canceling") : run && stepWords(run),
    waiting > 0 && run?.status !== "queued" ? t("running.waiting", { count: waiting }) : null,
    paused ? t("panels.queue.isPaused") : null,
  ].filter(Boolean);
  return (
    <button
      type="button"
      className="running-progress"
      aria-label={t("running.showQueue", { state: words.join(" · ") })}
      onClick={() => show({ panel: "queue" })}
    >
      <span className="running-words">{words.join(" · ")}</span>
      <progress className="running-bar" value={value} max={1} aria-label={t("running.progress")} />
    </button>
  );
}
