/** What the last run made, or is making: pictures, sounds, texts, each with a download. */

import { Download } from "lucide-react";
import { activeTab, useDocuments } from "../store/documents";
import { isDone, type Output, type Run } from "../store/runs";
import { useText } from "../text/catalogue";
import { RESULTS, useFormRun } from "./FormRun";
import { type ResultGroup, resultsOf } from "./results";

export function FormResults() {
  const t = useText();
  const run = useFormRun();
  return (
    <section id={RESULTS} className="form-results" aria-label={t("form.results")}>
      {run === undefined ? (
        <p className="form-quiet">{t("form.nothingYet")}</p>
      ) : (
        <Made run={run} />
      )}
    </section>
  );
}

function Made({ run }: { run: Run }) {
  const t = useText();
  const doc = useDocuments((state) => activeTab(state).doc);
  const groups = resultsOf(doc, run);
  const busy = !isDone(run);
  return (
    <>
      {run.error ? (
        <p className="form-fault" role="alert">
          {run.error.message}
        </p>
      ) : null}
      {busy && groups.length === 0 ? (
        <figure className="form-preview">
          {run.preview ? <img src={run.preview.url} alt={t("form.preview")} /> : null}
        </figure>
      ) : null}
      {groups.map((group) => (
        <Group key={group.name} group={group} several={groups.length > 1} />
      ))}
    </>
  );
}

function Group({ group, several }: { group: ResultGroup; several: boolean }) {
  return (
    <div className="form-group">
      {several && group.title ? <h2>{group.title}</h2> : null}
      {group.description ? <p className="form-words">{group.description}</p> : null}
      {group.outputs.map((output, place) => (
        <Result key={output.id} output={output} title={`${group.title} ${place + 1}`.trim()} />
      ))}
    </div>
  );
}

function Result({ output, title }: { output: Output; title: string }) {
  const t = useText();
  const isText = output.type === "text" && output.text !== null;
  return (
    <figure className="form-result">
      <Content output={output} title={title} />
      {isText ? null : (
        <figcaption>
          <a className="ui-button" href={output.url} download={output.name}>
            <Download /> {t("form.download")}
          </a>
        </figcaption>
      )}
    </figure>
  );
}

function Content({ output, title }: { output: Output; title: string }) {
  const kind = output.content_type.split("/")[0];
  if (output.type === "text" && output.text !== null) return <pre>{output.text}</pre>;
  if (kind === "image") {
    return (
      <a href={output.url} target="_blank" rel="noreferrer">
        <img src={output.url} alt={title} />
      </a>
    );
  }
  // biome-ignore lint/a11y/useMediaCaption: nobody knows what was said in it
  if (kind === "video") return <video src={output.url} controls loop />;
  // biome-ignore lint/a11y/useMediaCaption: nobody knows what was said in it
  if (kind === "audio") return <audio src={output.url} controls />;
  return <span className="form-file">{output.name}</span>;
}
