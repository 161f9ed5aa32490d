/** What tells jobs of one workflow apart: the words and the seed that they ran with. */

import type { JobCard } from "../store/runs";
import { useText } from "../text/catalogue";

export function About({ job }: { readonly job: Pick<JobCard, "text" | "seed"> }) {
  const t = useText();
  const { text, seed } = job;
  // The seed first: words may be long, and what ends a line is cut.
  const words = [seed ? t("panels.seed", { seed }) : null, text];
  const line = words.filter(Boolean).join(" · ");
  if (line === "") return null;
  return (
    <span className="panels-quiet" title={line}>
      {line}
    </span>
  );
}
