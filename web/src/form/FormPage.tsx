/** The form view: the workflow's declared inputs, a button, and what it made. */

import { Workflow as GraphIcon, ListChecks } from "lucide-react";
import { useId, useMemo } from "react";
import { descriptionOf } from "../graph/declared";
import { Connection } from "../shell/Connection";
import { activeTab, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { show } from "../store/view";
import { useText } from "../text/catalogue";
import { Button, IconButton } from "../ui/Button";
import { WidgetFor } from "../widgets/WidgetFor";
import { FormResults } from "./FormResults";
import { FormRun } from "./FormRun";
import { type Field, fieldsOf } from "./fields";
import "./form.css";

export function FormPage() {
  const t = useText();
  const doc = useDocuments((state) => activeTab(state).doc);
  const name = useDocuments((state) => activeTab(state).name);
  const title = doc.name || name || t("common.untitled");
  const description = descriptionOf(doc);
  return (
    <div className="form-page">
      <header className="form-bar">
        <Button kind="quiet" onClick={() => show({ page: "graph" })}>
          <GraphIcon /> {t("form.toGraph")}
        </Button>
        <span className="shell-space" />
        <IconButton
          icon={<ListChecks />}
          label={t("command.form.declared")}
          onClick={() => show({ dialog: "declared" })}
        />
        <Connection />
      </header>
      <main className="form-main" id="main" tabIndex={-1}>
        <div className="form-head">
          <h1>{title}</h1>
          {description ? <p>{description}</p> : null}
        </div>
        <section className="form-inputs" aria-label={t("form.inputs")}>
          <Fields />
          <FormRun />
        </section>
        <FormResults />
      </main>
    </div>
  );
}

function Fields() {
  const t = useText();
  const doc = useDocuments((state) => activeTab(state).doc);
  const catalogue = useNodes((state) => state.catalogue);
  const fields = useMemo(() => (catalogue ? fieldsOf(doc, catalogue) : null), [doc, catalogue]);
  if (fields === null) return <p className="form-quiet">{t("form.loading")}</p>;
  if (fields.length > 0) return fields.map((field) => <FieldView key={field.name} field={field} />);
  return (
    <div className="form-empty">
      <p>{t("form.noInputs")}</p>
      <Button onClick={() => show({ dialog: "declared" })}>
        <ListChecks /> {t("command.form.declared")}
      </Button>
    </div>
  );
}

function FieldView({ field }: { field: Field }) {
  const t = useText();
  const id = useId();
  const { input, node, value, title } = field;
  const words = field.description || input?.help;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot be laid out like a label
    <div
      className="form-field"
      role="group"
      aria-labelledby={`${id}-title`}
      aria-describedby={words ? `${id}-words` : undefined}
      data-field={field.name}
    >
      <span className="form-title" id={`${id}-title`}>
        {title}
      </span>
      {words ? (
        <span className="form-words" id={`${id}-words`}>
          {words}
        </span>
      ) : null}
      {input === undefined ? (
        <p className="form-fault">{t("form.gone")}</p>
      ) : input.widget === undefined ? (
        <p className="form-quiet">{t("form.linksOnly")}</p>
      ) : (
        <WidgetFor node={node} input={input} value={value} label={title} />
      )}
    </div>
  );
}
