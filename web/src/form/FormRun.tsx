/** The button of the form, how far the run is, and what is in its way. */

import { Play, Square } from "lucide-react";
import { runCommand } from "../commands/registry";
import { problemText } from "../running/problemText";
import { activeTab, useDocuments } from "../store/documents";
import { isDone, type Problem, type Run, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { glimpseOf } from "./results";

/** The id of the part of the page with the results. */
export const RESULTS = "results";

const NO_PROBLEMS: readonly Problem[] = [];

export function useFormRun(): Run | undefined {
  const tab = useDocuments((state) => activeTab(state).id);
  return useRuns((state) => state.runs[state.lastOf[tab] ?? ""]);
}

export function FormRun() {
  const t = useText();
  const tab = useDocuments((state) => activeTab(state).id);
  const run = useFormRun();
  const problems = useRuns((state) => state.problems[tab]) ?? NO_PROBLEMS;
  const busy = run !== undefined && !isDone(run);
  return (
    <div className="form-run">
      {problems.length > 0 ? <Problems problems={problems} /> : null}
      <div className="form-buttons">
        <Button kind="primary" onClick={() => runCommand("run.queue")}>
          <Play /> {t("command.run.queue")}
        </Button>
        {busy ? (
          <Button onClick={() => runCommand("run.cancel")}>
            <Square /> {t("command.run.cancel")}
          </Button>
        ) : null}
        {run ? <Glimpse run={run} /> : null}
        {run ? <State run={run} /> : null}
      </div>
    </div>
  );
}

/** Where the results are below the screen: what becomes of them, and the way there. */
function Glimpse({ run }: { run: Run }) {
  const t = useText();
  const doc = useDocuments((state) => activeTab(state).doc);
  const url = glimpseOf(doc, run);
  if (url === undefined) return null;
  const go = () => document.getElementById(RESULTS)?.scrollIntoView({ block: "start" });
  return (
    <button type="button" className="form-glimpse" aria-label={t("form.toResults")} onClick={go}>
      <img src={url} alt="" />
    </button>
  );
}

function State({ run }: { run: Run }) {
  const t = useText();
  const words = t(`form.status.${run.status}`);
  const value = run.progress?.value ?? 0;
  return (
    <div className="form-state">
      <span role="status">{words}</span>
      {run.status === "running" ? (
        <>
          <progress value={value} max={1} aria-label={words} />
          <span className="form-percent">{Math.round(value * 100)} %</span>
        </>
      ) : null}
      {run.status === "queued" && run.position ? (
        <span>{t("form.waiting", { count: run.position })}</span>
      ) : null}
    </div>
  );
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  const t = useText();
  return (
    <div className="form-fault" role="alert">
      <strong>{t("form.refused")}</strong>
      <ul>
        {problems.map((problem) => (
          <li key={`${problem.node} ${problem.field} ${problem.message}`}>
            {problemText(problem)}
          </li>
        ))}
      </ul>
    </div>
  );
}
