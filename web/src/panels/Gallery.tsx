/** The gallery: everything that was made, newest first; each opens the large view. */

import { useMemo, useState } from "react";
import { type JobCard, type Output, useRuns } from "../store/runs";
import { view } from "../store/viewer";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { gathered } from "./gathered";
import { Thumb } from "./Thumbs";
import { useHistory } from "./useHistory";
import "./panels.css";

const KINDS = ["all", "image", "video", "audio", "text"] as const;
const NO_JOBS: readonly JobCard[] = [];

export function Gallery() {
  const t = useText();
  const [kind, setKind] = useState<string>("all");
  const { listed, error, more } = useHistory();
  const runs = useRuns((state) => state.runs);
  const all = useMemo(
    () => gathered(Object.values(runs), listed?.jobs ?? NO_JOBS),
    [runs, listed?.jobs],
  );
  const shown = all.filter((output) => kind === "all" || output.type === kind);
  return (
    <div className="panels-list">
      <div className="panels-tools">
        <select
          className="panels-select"
          aria-label={t("panels.gallery.filter")}
          value={kind}
          onChange={(event) => setKind(event.target.value)}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`panels.gallery.${one}`)}
            </option>
          ))}
        </select>
      </div>
      {error !== undefined ? <p className="panels-empty">{error}</p> : null}
      <Grid outputs={shown} loading={listed === undefined && error === undefined} />
      {listed && listed.next !== null ? (
        <footer className="panels-more">
          <Button onClick={more}>{t("panels.more")}</Button>
        </footer>
      ) : null}
    </div>
  );
}

function Grid({ outputs, loading }: { outputs: readonly Output[]; loading: boolean }) {
  const t = useText();
  if (outputs.length === 0) {
    const text = t(loading ? "panels.loading" : "panels.gallery.empty");
    return <p className="panels-empty">{text}</p>;
  }
  return (
    <ul className="panels-grid" aria-label={t("panels.gallery.title")}>
      {outputs.map((output, place) => (
        <li key={output.id}>
          <Thumb output={output} size={256} onOpen={() => view(outputs, place)} />
        </li>
      ))}
    </ul>
  );
}
