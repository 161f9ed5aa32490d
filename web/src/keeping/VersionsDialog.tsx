/** The versions of a workflow: what each differs in from what is open, and going back to one. */

import { useEffect, useState } from "react";
import { ApiError } from "../api/client";
import {
  listVersions,
  loadWorkflow,
  type SavedWorkflow,
  type WorkflowInfo,
} from "../api/workflows";
import { openTab, type Tab, useDocuments } from "../store/documents";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Counts } from "./Counts";
import { Sketch } from "./Sketch";
import { goBack } from "./saving";
import { ask } from "./store";
import { When } from "./When";

export function VersionsDialog({ tab: id }: { tab: string }) {
  const tab = useDocuments((state) => state.tabs.find((one) => one.id === id));
  return tab?.name ? <Versions tab={tab} name={tab.name} /> : null;
}

function Versions({ tab, name }: { tab: Tab; name: string }) {
  const t = useText();
  const [all, setAll] = useState<readonly WorkflowInfo[]>([]);
  const [chosen, choose] = useState<SavedWorkflow>();
  const [fault, setFault] = useState<string>();
  const look = (version: number) =>
    attempt(async () => choose(await loadWorkflow(name, version)), setFault);
  useEffect(() => {
    void attempt(async () => {
      const found = await listVersions(name);
      setAll(found);
      choose(await loadWorkflow(name, found[0]?.version));
    }, setFault);
  }, [name]);
  const back = () => {
    ask(null);
    if (chosen) void goBack(tab.id, chosen);
  };
  const open = () => {
    ask(null);
    if (!chosen) return;
    const { version, document } = chosen;
    openTab({ ...document, name: t("keeping.copyOf", { name: document.name || name, version }) });
  };
  const actions = (
    <>
      <span className="keeping-hint">{t("keeping.goBackHint")}</span>
      <Button disabled={!chosen} onClick={open}>
        {t("keeping.openInTab")}
      </Button>
      <Button kind="primary" disabled={!chosen} onClick={back}>
        {t("keeping.goBack")}
      </Button>
    </>
  );
  const title = t("keeping.versions", { name });
  return (
    <Dialog open wide onClose={() => ask(null)} title={title} actions={actions}>
      {fault ? <p role="alert">{fault}</p> : null}
      <div className="keeping-versions">
        <VersionList all={all} chosen={chosen?.version} look={look} />
        {chosen ? (
          <div className="keeping-look">
            <Sketch doc={chosen.document} beside={tab.doc} />
            <Counts before={tab.doc} after={chosen.document} />
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}

interface ListProps {
  readonly all: readonly WorkflowInfo[];
  readonly chosen: number | undefined;
  readonly look: (version: number) => Promise<void>;
}

function VersionList({ all, chosen, look }: ListProps) {
  const t = useText();
  return (
    <ul>
      {all.map(({ version, saved_at }) => (
        <li key={version} className="keeping-row">
          <button
            type="button"
            className="keeping-open"
            aria-pressed={version === chosen}
            onClick={() => void look(version)}
          >
            <span className="keeping-name">{t("keeping.version", { version })}</span>
            <span className="keeping-facts">
              <When at={saved_at} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

async function attempt(work: () => Promise<void>, fault: (text: string) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    fault(error.message);
  }
}
