/** What a result was made with, and the file itself. */

import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../api/client";
import { ranWorkflow } from "../api/jobs";
import type { Workflow } from "../graph/workflow";
import { bytes } from "../panels/names";
import { useNodes } from "../store/nodes";
import type { Output } from "../store/runs";
import { useText } from "../text/catalogue";
import { ancestors, type Fact, factsOf } from "./facts";

export function Facts({ output }: { readonly output: Output }) {
  const t = useText();
  const doc = useWorkflow(output.job_id);
  const catalogue = useNodes((state) => state.catalogue);
  const groups = useMemo(
    () => (doc && catalogue ? factsOf(doc, catalogue, ancestors(doc, output.node_id)) : []),
    [doc, catalogue, output.node_id],
  );
  return (
    <aside className="viewer-facts" aria-label={t("viewer.facts")}>
      <h3>{output.name}</h3>
      <p className="panels-quiet">
        {output.content_type} · {bytes(output.size_bytes)}
      </p>
      {doc === null ? <p className="panels-quiet">{t("viewer.forgotten")}</p> : null}
      {groups.map(({ node, title, facts }) => (
        <section key={node}>
          <h4>{title}</h4>
          <dl>
            {facts.map((fact) => (
              <FactLine key={fact.name} fact={fact} />
            ))}
          </dl>
        </section>
      ))}
    </aside>
  );
}

function FactLine({ fact }: { readonly fact: Fact }) {
  return (
    <div data-long={fact.long || undefined}>
      <dt>{fact.name}</dt>
      <dd>{fact.value}</dd>
    </div>
  );
}

/** Undefined while it is read, null if the job is forgotten. */
function useWorkflow(job: string | null): Workflow | null | undefined {
  const [found, setFound] = useState<{ job: string | null; doc: Workflow | null }>();
  useEffect(() => {
    if (job === null) return;
    let wanted = true;
    ranWorkflow(job)
      .then(({ workflow }) => wanted && setFound({ job, doc: workflow }))
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        if (wanted) setFound({ job, doc: null });
      });
    return () => {
      wanted = false;
    };
  }, [job]);
  if (job === null) return null;
  return found?.job === job ? found.doc : undefined;
}
