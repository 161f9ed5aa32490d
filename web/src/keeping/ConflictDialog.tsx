/** Somebody else saved meanwhile: both are shown, and nothing is overwritten unseen. */

import type { Workflow } from "../graph/workflow";
import { openTab, useDocuments } from "../store/documents";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Counts } from "./Counts";
import { Sketch } from "./Sketch";
import { keepMine, takeTheirs } from "./saving";
import { ask, type Theirs } from "./store";
import { When } from "./When";

export function ConflictDialog({ tab: id, theirs }: { tab: string; theirs: Theirs }) {
  const t = useText();
  const tab = useDocuments((state) => state.tabs.find((one) => one.id === id));
  if (tab === undefined) return null;
  const { document: other, version } = theirs;
  const name = tab.name ?? "";
  const then = (work: () => void) => () => {
    ask(null);
    work();
  };
  const actions = (
    <>
      <Button onClick={() => ask({ kind: "saveAs", tab: id, close: false })}>
        {t("keeping.saveAnother")}
      </Button>
      {other ? (
        <Button onClick={then(() => takeTheirs(id, theirs))}>{t("keeping.takeTheirs")}</Button>
      ) : null}
      <Button kind="primary" onClick={then(() => void keepMine(id, theirs))}>
        {t("keeping.keepMine")}
      </Button>
    </>
  );
  const title = t("keeping.conflict", { name });
  return (
    <Dialog open wide onClose={() => ask(null)} title={title} actions={actions}>
      <p>{t(other ? "keeping.conflictText" : "keeping.conflictDeleted", { version })}</p>
      <div className="keeping-sides">
        <Side title={t("keeping.mine")} doc={tab.doc} beside={other} />
        {other ? (
          <Side title={t("keeping.theirs")} doc={other} beside={tab.doc}>
            {theirs.saved_at ? <When at={theirs.saved_at} /> : null}
            <Counts before={tab.doc} after={other} />
            <Button
              onClick={then(
                () => void openTab({ ...other, name: t("keeping.copyOf", { name, version }) }),
              )}
            >
              {t("keeping.openInTab")}
            </Button>
          </Side>
        ) : null}
      </div>
      <p className="keeping-hint">{t("keeping.keepMineHint")}</p>
    </Dialog>
  );
}

interface SideProps {
  readonly title: string;
  readonly doc: Workflow;
  readonly beside: Workflow | null;
  readonly children?: React.ReactNode;
}

function Side({ title, doc, beside, children }: SideProps) {
  return (
    <section className="keeping-side" aria-label={title}>
      <h3>{title}</h3>
      <Sketch doc={doc} {...(beside && { beside })} />
      {children}
    </section>
  );
}
