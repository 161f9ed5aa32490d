/** How much one workflow differs from another, in words. */

import { writeJson } from "../graph/json";
import { isLink, type Json, type Workflow } from "../graph/workflow";
import { titleIn } from "../panels/names";
import { useText } from "../text/catalogue";
import { differences, fieldChanges, isSame } from "./compare";

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
  return (
    <>
      <span className="keeping-counts">{parts.filter(Boolean).join(", ")}</span>
      <Changes before={before} after={after} />
    </>
  );
}

const MOST_LINES = 12;
const MOST_LETTERS = 80;

/** Which fields differ, from what to what. */
function Changes({ before, after }: { before: Workflow; after: Workflow }) {
  const t = useText();
  const all = fieldChanges(before, after);
  if (all.length === 0) return null;
  const over = all.length - MOST_LINES;
  return (
    <ul className="keeping-changes">
      {all.slice(0, MOST_LINES).map(({ node, field, from, to }) => (
        <li key={`${node} ${field}`}>
          <strong>
            {titleIn(before, node)} · {field}
          </strong>
          : {words(from, t)} → {words(to, t)}
        </li>
      ))}
      {over > 0 ? <li>{t("keeping.moreChanges", { count: over })}</li> : null}
    </ul>
  );
}

function words(value: unknown, t: ReturnType<typeof useText>): string {
  if (value === undefined) return t("keeping.unset");
  const json = value as Json;
  if (isLink(json)) return `${json.node}.${json.output ?? ""}`;
  const text = writeJson(json);
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}
