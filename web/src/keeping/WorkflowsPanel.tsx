/** The panel of saved workflows, and of unsaved edits that were found. */

import { FilePlus2, FolderOpen, LayoutTemplate } from "lucide-react";
import { type DraftSummary, readKey } from "../api/drafts";
import { runCommand } from "../commands/registry";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { discardDraft, openDraft } from "./opening";
import { useKeeping } from "./store";
import { When } from "./When";
import { WorkflowList } from "./WorkflowList";

const COMMANDS = [
  ["file.new", FilePlus2],
  ["file.import", FolderOpen],
  ["file.templates", LayoutTemplate],
] as const;

export function WorkflowsPanel() {
  const t = useText();
  return (
    <div className="keeping-panel">
      <div className="keeping-buttons">
        {COMMANDS.map(([id, Icon]) => (
          <Button key={id} onClick={() => runCommand(id)}>
            <Icon /> {t(`command.${id}`)}
          </Button>
        ))}
      </div>
      <Elsewhere />
      <WorkflowList focus={false} />
    </div>
  );
}

function Elsewhere() {
  const t = useText();
  const drafts = useKeeping((state) => state.elsewhere);
  if (drafts.length === 0) return null;
  return (
    <section aria-label={t("keeping.unsavedEdits")} className="keeping-elsewhere">
      <h3>{t("keeping.unsavedEdits")}</h3>
      <ul>
        {drafts.map((draft) => (
          <DraftRow key={draft.name} draft={draft} />
        ))}
      </ul>
    </section>
  );
}

function DraftRow({ draft }: { draft: DraftSummary }) {
  const t = useText();
  return (
    <li className="keeping-row">
      <span className="keeping-name">{readKey(draft.name).name ?? t("common.untitled")}</span>
      <span className="keeping-facts">
        <When at={draft.saved_at} />
      </span>
      <Button onClick={() => void openDraft(draft.name)}>{t("keeping.goOn")}</Button>
      <Button kind="danger" onClick={() => void discardDraft(draft.name)}>
        {t("keeping.discard")}
      </Button>
    </li>
  );
}
