/** How much one workflow differs from another, in words. */

import type { Workflow } from "../graph/workflow";
import { useText } from "../text/catalogue";
import { differences, isSame } from "./compare";

export function Counts({ before, after }: { before: Workflow; after: Workflow }) {
  const t = useText();
  const found = differences(before, after);
  if (isSame(found)) return <span className="keeping-counts">{t("keeping.same")}</span>;
  const { added, removed, changed, layout, rest } = found;
  const parts = [
    added.length > 0 && t("keeping.added", { count: added.length }),
    removed.length > 0 && t("keeping.removed", { count: removed.length }),
    changed.length > 0 && t("keeping.changedNodes", { count: changed.length }),
    layout && t("keeping.moved"),
    rest && t("keeping.declared"),
  ];
  return <span className="keeping-counts">{parts.filter(Boolean).join(", ")}</span>;
}
