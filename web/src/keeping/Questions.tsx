/** The dialog that is open, if any. */

import { closeTab, useDocuments } from "../store/documents";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ConflictDialog } from "./ConflictDialog";
import { Elsewhere } from "./Elsewhere";
import { Gallery } from "./Gallery";
import { RenameDialog, SaveAsDialog } from "./NameDialogs";
import { ReportDialog } from "./ReportDialog";
import { saveAndClose } from "./saving";
import { ask, useKeeping } from "./store";
import { useTitle } from "./TabBar";
import { VersionsDialog } from "./VersionsDialog";
import { WorkflowList } from "./WorkflowList";

export function Questions() {
  const question = useKeeping((state) => state.question);
  const tab = question !== null && "tab" in question ? question.tab : undefined;
  // A page that is just restored takes away the empty tab that it began with.
  const gone = useDocuments(({ tabs }) => tab !== undefined && !tabs.some(({ id }) => id === tab));
  if (question === null || gone) return null;
  if (question.kind === "saveAs") return <SaveAsDialog {...question} key={question.tab} />;
  if (question.kind === "rename") return <RenameDialog {...question} />;
  if (question.kind === "versions") return <VersionsDialog {...question} />;
  if (question.kind === "conflict") return <ConflictDialog {...question} />;
  if (question.kind === "report") return <ReportDialog {...question} />;
  if (question.kind === "close") return <CloseDialog {...question} />;
  return question.kind === "open" ? <OpenDialog /> : <TemplatesDialog />;
}

function OpenDialog() {
  const t = useText();
  return (
    <Dialog open onClose={() => ask(null)} title={t("keeping.open")}>
      <Elsewhere onOpen={() => ask(null)} />
      <WorkflowList focus onOpen={() => ask(null)} />
    </Dialog>
  );
}

function TemplatesDialog() {
  const t = useText();
  return (
    <Dialog open wide onClose={() => ask(null)} title={t("keeping.templates")}>
      <Gallery onOpen={() => ask(null)} />
    </Dialog>
  );
}

function CloseDialog({ tab }: { tab: string }) {
  const t = useText();
  const name = useTitle(tab);
  const then = (work: () => void) => () => {
    ask(null);
    work();
  };
  const actions = (
    <>
      <Button kind="danger" onClick={then(() => closeTab(tab))}>
        {t("keeping.dontSave")}
      </Button>
      <Button onClick={() => ask(null)}>{t("common.cancel")}</Button>
      <Button kind="primary" onClick={then(() => void saveAndClose(tab))}>
        {t("common.save")}
      </Button>
    </>
  );
  const title = t("keeping.closeTitle", { name });
  return (
    <Dialog open onClose={() => ask(null)} title={title} actions={actions}>
      <p>{t("keeping.closeText")}</p>
    </Dialog>
  );
}
