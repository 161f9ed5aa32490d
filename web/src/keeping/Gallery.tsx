/** The templates with pictures of what they make: in a dialog, and where nothing is open yet. */

import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { relative } from "../api/jobs";
import { listTemplates, type Template } from "../api/workflows";
import { activeTab, isUntouched, useDocuments } from "../store/documents";
import { useRuns } from "../store/runs";
import { useView } from "../store/view";
import { allTexts, useText } from "../text/catalogue";
import { openTemplate } from "./opening";
import { useKeeping } from "./store";
import "./gallery.css";

export function Gallery({ onOpen }: { onOpen?: () => void }) {
  const t = useText();
  const templates = useTemplates();
  const said = (key: string, otherwise: string) => (key in allTexts() ? t(key) : otherwise);
  // A double click is one wish.
  const opening = useRef(false);
  const open = async (name: string) => {
    if (opening.current) return;
    opening.current = true;
    onOpen?.();
    await openTemplate(name);
    opening.current = false;
    requestAnimationFrame(() => {
      // The card that had the focus is gone.
      if (document.activeElement === document.body) document.getElementById("main")?.focus();
    });
  };
  return (
    <ul className="gallery-cards">
      {templates.map(({ name, title, description, nodes, thumbnail_url }) => (
        <li key={name}>
          <button type="button" className="gallery-card" onClick={() => void open(name)}>
            {thumbnail_url ? (
              <img src={relative(thumbnail_url)} alt="" width={96} height={96} />
            ) : null}
            <strong>{said(`template.${name}`, title)}</strong>
            <span>{said(`template.${name}.about`, description)}</span>
            <small>{t("keeping.nodes", { count: nodes })}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

function useTemplates(): readonly Template[] {
  const [templates, setTemplates] = useState<readonly Template[]>([]);
  const connected = useRuns((state) => state.connected);
  useEffect(() => {
    if (!connected) return;
    let gone = false;
    listTemplates()
      .then((found) => gone || setTemplates(found))
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      });
    return () => {
      gone = true;
    };
  }, [connected]);
  return templates;
}

/** Over an empty canvas that nothing was done on yet; what is under it stays in reach. */
export function EmptyStart() {
  const t = useText();
  const untouched = useDocuments((state) => isUntouched(activeTab(state)));
  const restored = useKeeping((state) => state.restored);
  const graph = useView((state) => state.page === "graph" && state.palette === null);
  if (!untouched || !restored || !graph) return null;
  return (
    <section className="gallery-start" aria-label={t("keeping.templates")}>
      <h2>{t("keeping.templates")}</h2>
      <Gallery />
      <p>{t("keeping.templatesHint")}</p>
    </section>
  );
}
