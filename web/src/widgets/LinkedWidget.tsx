/** In place of a widget whose value comes over a link: where from. */

import { ArrowLeft } from "lucide-react";
import { at, type Path } from "../graph/path";
import type { Link } from "../graph/workflow";
import { nodesOf, placeOf } from "../graph/workflow";
import { activeTab, openDoc, openPath, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select } from "../store/selection";
import { useText } from "../text/catalogue";

export interface LinkedWidgetProps {
  readonly link: Link;
  readonly name: string;
  /** Of the workflow that the link is in, where that is not the open one. */
  readonly path?: Path | undefined;
}

export function LinkedWidget({ link, name, path }: LinkedWidgetProps) {
  const t = useText();
  const catalogue = useNodes((state) => state.catalogue);
  const title = useDocuments((state) => {
    const doc = (path && at(activeTab(state).doc, path)) ?? openDoc(state);
    const type = nodesOf(doc)[link.node]?.type ?? link.node;
    return placeOf(doc, link.node).title ?? catalogue?.find(type)?.display_name ?? type;
  });
  const from = link.output === undefined ? title : `${title} · ${link.output}`;
  return (
    <button
      type="button"
      className="widget-linked widget-control"
      aria-label={t("widgets.linked", { name, from })}
      onClick={() => {
        if (path) openPath(path);
        select([link.node]);
      }}
    >
      <ArrowLeft />
      <span className="widget-shown">{from}</span>
    </button>
  );
}
