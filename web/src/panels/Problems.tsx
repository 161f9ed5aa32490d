/** What is wrong with the open workflow, and what went wrong in its last run; each leads there. */

import { ListChecks, Wrench } from "lucide-react";
import { runCommand } from "../commands/registry";
import { at } from "../graph/path";
import { portsOf } from "../graph/ports";
import type { Json } from "../graph/workflow";
import { jumpTo, placeOfName } from "../running/jump";
import { problemText } from "../running/problemText";
import { activeTab, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { type Problem, runOf, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { setOnce } from "../widgets/change";
import { fixOf } from "../widgets/problems";
import { JobFault } from "./JobFault";
import { nodeTitle } from "./names";
import "./panels.css";

/** What was expected is not said again where the message begins to list it. */
const REPEATED = 40;
const NONE: readonly Problem[] = [];

function useProblems(): readonly Problem[] {
  const tab = useDocuments((state) => activeTab(state).id);
  return useRuns((state) => state.problems[tab]) ?? NONE;
}

export function Problems() {
  const t = useText();
  const tab = useDocuments((state) => activeTab(state).id);
  const problems = useProblems();
  const run = useRuns((state) => runOf(state, tab));
  const failed = run?.error ? run : undefined;
  return (
    <div className="panels-list">
      <div className="panels-tools">
        <Button onClick={() => runCommand("run.check")}>
          <ListChecks aria-hidden /> {t("command.run.check")}
        </Button>
      </div>
      {problems.length === 0 && !failed ? (
        <p className="panels-empty">{t("panels.problems.none")}</p>
      ) : null}
      {problems.length > 0 ? (
        <ul className="panels-rows" aria-label={t("panels.problems.title")}>
          {problems.map((problem, place) => (
            <Entry key={`${problem.node} ${problem.field} ${place}`} problem={problem} />
          ))}
        </ul>
      ) : null}
      {failed ? (
        <section aria-label={t("panels.problems.failed")}>
          <h3 className="panels-head">{t("panels.problems.failed")}</h3>
          <JobFault job={failed} />
        </section>
      ) : null}
    </div>
  );
}

function Entry({ problem }: { readonly problem: Problem }) {
  const t = useText();
  const { node, field } = problem;
  // Drawn again when the workflow changes, for the node may have got another title.
  useDocuments((state) => activeTab(state).doc);
  const where = node === null ? t("panels.problems.whole") : nodeTitle(node);
  const title = field === null ? where : `${where} · ${field}`;
  const fix = fixFor(problem);
  return (
    <li className="panels-row panels-problem">
      {node === null ? (
        <strong>{title}</strong>
      ) : (
        <button type="button" className="panels-jump" onClick={() => jumpTo(node, field)}>
          {title}
        </button>
      )}
      <p className="panels-fault-text">{problemText(problem)}</p>
      <Advice problem={problem} />
      {fix ? (
        <Button onClick={fix.run}>
          <Wrench aria-hidden /> {t("panels.problems.use", { value: fix.value })}
        </Button>
      ) : null}
    </li>
  );
}

function Advice({ problem }: { readonly problem: Problem }) {
  const t = useText();
  const { expected, got, nearest } = problem;
  const facts = [
    expected &&
      !problemText(problem).includes(expected.slice(0, REPEATED)) &&
      ([t("panels.problems.expected"), expected] as const),
    got && ([t("panels.problems.got"), got] as const),
    nearest && ([t("panels.problems.nearest"), nearest] as const),
  ].filter((fact) => fact !== null && fact !== "" && fact !== false);
  if (facts.length === 0) return null;
  return (
    <dl className="panels-advice">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Puts the value that would be taken in the place of the refused one. */
function fixFor(problem: Problem): { value: string; run: () => void } | undefined {
  const { node, field } = problem;
  const { catalogue } = useNodes.getState();
  if (node === null || field === null || catalogue === null) return undefined;
  const place = placeOfName(node);
  const open = place && at(activeTab().doc, place.path);
  if (place === undefined || open === undefined) return undefined;
  const input = portsOf(open, place.node, catalogue).inputs.find((one) => one.name === field);
  const value: Json | undefined = input && fixOf(problem, input);
  if (value === undefined) return undefined;
  const run = () => {
    if (jumpTo(node, field)) setOnce(place.node, field, value);
  };
  return { value: String(value), run };
}
