/** Unsaved edits that another browser or an earlier visit left, with what is in each. */

import { useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { type Draft, type DraftSummary, draftTitle, loadDraft } from "../api/drafts";
import { nodesOf } from "../graph/workflow";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { discardDraft, openDraft } from "./opening";
import { Sketch } from "./Sketch";
import { useKeeping } from "./store";
import { When } from "./When";
import "./keeping.css";

/** `onOpen` is called when one was chosen to go on with. */
export function Elsewhere({ onOpen }: { onOpen?: () => void }) {
  const t = useText();
  const drafts = useKeeping((state) => state.elsewhere);
  if (drafts.length === 0) return null;
  return (
    <section aria-label={t("keeping.unsavedEdits")} className="keeping-elsewhere">
      <h3>{t("keeping.unsavedEdits")}</h3>
      <ul>
        {drafts.map((draft) => (
          <DraftRow key={draft.name} draft={draft} {...(onOpen && { onOpen })} />
        ))}
      </ul>
    </section>
  );
}

function DraftRow({ draft, onOpen }: { draft: DraftSummary; onOpen?: () => void }) {
  const t = useText();
  const document = useDraft(draft)?.document;
  const goOn = () => {
    void openDraft(draft.name);
    onOpen?.();
  };
  return (
    <li className="keeping-draft">
      {document ? <Sketch doc={document} /> : <span className="keeping-sketch" />}
      <span className="keeping-draft-words">
        <span className="keeping-name">
          {draftTitle(draft.name, document) || t("common.untitled")}
        </span>
        <span className="keeping-facts">
          {document ? (
            <>{t("keeping.nodes", { count: Object.keys(nodesOf(document)).length })} · </>
          ) : null}
          <When at={draft.saved_at} />
        </span>
      </span>
      <span className="keeping-draft-actions">
        <Button onClick={goOn}>{t("keeping.goOn")}</Button>
        <Button kind="danger" onClick={() => void discardDraft(draft)}>
          {t("keeping.discard")}
        </Button>
      </span>
    </li>
  );
}

/** What the list does not say: it names drafts, and holds none. */
function useDraft({ name, saved_at }: DraftSummary): Draft | undefined {
  const [found, setFound] = useState<Draft>();
  useEffect(() => {
    let gone = false;
    loadDraft(name)
      .then((draft) => gone || setFound(draft))
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      });
    return () => {
      gone = true;
    };
  }, [name, saved_at]);
  return found;
}
