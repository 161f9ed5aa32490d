/** On a phone: the way to the form of a workflow that has one, which is easier there than a graph. */

import { ClipboardList } from "lucide-react";
import { activeTab, useDocuments } from "../store/documents";
import { show } from "../store/view";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { PHONE, useMedia } from "../ui/media";
import "./offer.css";

export function FormOffer() {
  const t = useText();
  const phone = useMedia(PHONE);
  const declares = useDocuments((state) => {
    const { doc, path } = activeTab(state);
    return path.length === 0 && Object.keys(doc.inputs ?? {}).length > 0;
  });
  if (!phone || !declares) return null;
  return (
    <div className="form-offer">
      <span>{t("form.offerWords")}</span>
      <Button kind="primary" onClick={() => show({ page: "form", dialog: null, panel: null })}>
        <ClipboardList aria-hidden /> {t("form.offer")}
      </Button>
    </div>
  );
}
