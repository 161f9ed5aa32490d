/** What a node is making or made last, at its bottom. */

import { Media } from "../running/Media";
import { view } from "../store/viewer";
import { useText } from "../text/catalogue";
import { isPicture, usePreview, useResults } from "./results";

export function NodeResult({ id }: { id: string }) {
  const t = useText();
  const preview = usePreview(id);
  const made = useResults(id);
  const first = made[0];
  if (preview !== undefined) {
    return (
      <div className="node-result" data-preview>
        <img src={preview} alt={t("running.preview")} draggable={false} />
      </div>
    );
  }
  if (first === undefined) return null;
  const more = made.length > 1 ? <span className="node-more">{made.length}</span> : null;
  if (!isPicture(first)) {
    return (
      <div className="node-result nodrag nowheel">
        <Media output={first} />
        {more}
      </div>
    );
  }
  return (
    <button
      type="button"
      className="node-result node-result-open"
      aria-label={t("running.enlarge", { name: first.name })}
      onDoubleClick={(event) => event.stopPropagation()}
      onClick={() => view(made, 0)}
    >
      <Media output={first} />
      {more}
    </button>
  );
}
