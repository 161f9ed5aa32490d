/** The way into the open subgraph, and back out of it. */

import { ChevronRight } from "lucide-react";
import { Fragment } from "react";
import { at } from "../graph/path";
import { activeTab, useDocuments } from "../store/documents";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { leaveTo } from "./grouping";
import { titleOf } from "./picked";
import { openDialog } from "./store";
import "./editing.css";

export function Breadcrumbs() {
  const t = useText();
  const path = useDocuments((state) => activeTab(state).path);
  const top = useDocuments((state) => activeTab(state).name ?? activeTab(state).doc.name);
  const titles = useDocuments((state) => {
    const { doc, path: now } = activeTab(state);
    return now.map((id, depth) => titleOf(at(doc, now.slice(0, depth)) ?? doc, id)).join("\n");
  });
  if (path.length === 0) return null;
  const names = titles.split("\n");
  const last = path.length - 1;
  return (
    <nav className="editing-crumbs" aria-label={t("editing.way")}>
      <Button kind="quiet" onClick={() => leaveTo(0)}>
        {top || t("common.untitled")}
      </Button>
      {names.map((name, depth) => (
        <Fragment key={path.slice(0, depth + 1).join("/")}>
          <ChevronRight aria-hidden />
          {depth === last ? (
            <span aria-current="page">{name}</span>
          ) : (
            <Button kind="quiet" onClick={() => leaveTo(depth + 1)}>
              {name}
            </Button>
          )}
        </Fragment>
      ))}
      <Button
        kind="quiet"
        onClick={() =>
          openDialog({ kind: "ports", path: path.slice(0, -1), node: path[last] ?? "" })
        }
      >
        {t("editing.ports")}
      </Button>
    </nav>
  );
}
