/** The history: jobs that have ended, what they made, and what can be done with them. */

import { Trash2 } from "lucide-react";
import { useState } from "react";
import { clearHistory } from "../api/jobs";
import { attempt } from "../running/submit";
import type { JobStatus } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { HistoryRow } from "./HistoryRow";
import { type HistoryState, useHistory } from "./useHistory";
import "./panels.css";

const FILTERS: readonly (JobStatus | "all")[] = ["all", "succeeded", "failed", "canceled"];

export function History() {
  const t = useText();
  const [filter, setFilter] = useState<JobStatus | "all">("all");
  const history = useHistory(filter === "all" ? null : filter);
  return (
    <div className="panels-list">
      <div className="panels-tools">
        <select
          className="panels-select"
          aria-label={t("panels.history.filter")}
          value={filter}
          onChange={(event) => setFilter(event.target.value as JobStatus | "all")}
        >
          {FILTERS.map((one) => (
            <option key={one} value={one}>
              {one === "all" ? t("panels.history.all") : t(`panels.status.${one}`)}
            </option>
          ))}
        </select>
        <Clear disabled={!history.listed?.total} />
      </div>
      <Rows history={history} />
    </div>
  );
}

function Rows({ history }: { readonly history: HistoryState }) {
  const t = useText();
  const { listed, error, more, put } = history;
  if (error !== undefined) return <p className="panels-empty">{error}</p>;
  if (listed === undefined) return <p className="panels-empty">{t("panels.loading")}</p>;
  if (listed.jobs.length === 0) return <p className="panels-empty">{t("panels.history.empty")}</p>;
  return (
    <>
      <ul className="panels-rows" aria-label={t("panels.history.title")}>
        {listed.jobs.map((job) => (
          <HistoryRow key={job.id} job={job} onChange={put} />
        ))}
      </ul>
      <footer className="panels-more">
        {t("panels.history.count", { shown: listed.jobs.length, total: listed.total })}
        {listed.next !== null ? <Button onClick={more}>{t("panels.more")}</Button> : null}
      </footer>
    </>
  );
}

function Clear({ disabled }: { readonly disabled: boolean }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const clear = () => {
    setAsking(false);
    void attempt(clearHistory);
  };
  const actions = (
    <>
      <Button onClick={() => setAsking(false)}>{t("common.cancel")}</Button>
      <Button kind="danger" onClick={clear}>
        {t("panels.history.clear")}
      </Button>
    </>
  );
  return (
    <>
      <Button kind="quiet" disabled={disabled} onClick={() => setAsking(true)}>
        <Trash2 aria-hidden /> {t("panels.history.clear")}
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("panels.history.clear")}
        actions={actions}
      >
        {t("panels.history.clearAsk")}
      </Dialog>
    </>
  );
}
