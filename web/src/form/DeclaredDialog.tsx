/** The dialog of declared inputs and outputs: name, describe, order, add, take away. */

import { useMemo } from "react";
import {
  declaredOf,
  declareInput,
  declareOutput,
  descriptionOf,
  type Side,
} from "../graph/declared";
import { activeTab, edit, openDoc, seal, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { show, useView } from "../store/view";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { type Candidates, inputCandidates, outputCandidates } from "./candidates";
import { DeclaredRow } from "./DeclaredRow";
import "./declared.css";

export function DeclaredDialog() {
  const t = useText();
  const open = useView((state) => state.dialog === "declared");
  const close = () => show({ dialog: null });
  return (
    <Dialog
      open={open}
      onClose={close}
      title={t("form.dialog")}
      wide
      actions={
        <Button kind="primary" onClick={close}>
          {t("common.done")}
        </Button>
      }
    >
      <Content />
    </Dialog>
  );
}

function Content() {
  const t = useText();
  const whole = useDocuments((state) => activeTab(state).path.length === 0);
  return (
    <div className="declared">
      <p className="declared-about">{t(whole ? "form.about" : "form.aboutBody")}</p>
      {whole ? <Words /> : null}
      <List side="inputs" />
      <List side="outputs" />
    </div>
  );
}

function Words() {
  const t = useText();
  const name = useDocuments((state) => openDoc(state).name ?? "");
  const description = useDocuments((state) => descriptionOf(openDoc(state)));
  const set = (key: "name" | "description", value: string) =>
    edit("form.edit.describe", (doc) => ({ ...doc, [key]: value }), { merge: `form ${key}` });
  return (
    <div className="declared-words">
      <TextField
        label={t("form.workflowTitle")}
        value={name}
        onChange={(value) => set("name", value)}
        onBlur={seal}
      />
      <TextField
        label={t("form.description")}
        value={description}
        onChange={(value) => set("description", value)}
        onBlur={seal}
        lines={2}
      />
    </div>
  );
}

function List({ side }: { side: Side }) {
  const t = useText();
  const doc = useDocuments(openDoc);
  const all = declaredOf(doc, side);
  return (
    <section className="declared-list" aria-label={t(`form.${side}`)}>
      <h3>{t(`form.${side}`)}</h3>
      {all.length === 0 ? <p className="form-quiet">{t(`form.none.${side}`)}</p> : null}
      {all.map(([name, ref], place) => (
        <DeclaredRow
          key={`${ref.node} ${"input" in ref ? ref.input : ref.output}`}
          side={side}
          name={name}
          refTo={ref}
          first={place === 0}
          last={place === all.length - 1}
        />
      ))}
      <Add side={side} />
    </section>
  );
}

function Add({ side }: { side: Side }) {
  const t = useText();
  const doc = useDocuments(openDoc);
  const catalogue = useNodes((state) => state.catalogue);
  const groups: readonly Candidates[] = useMemo(() => {
    if (catalogue === null) return [];
    return side === "inputs" ? inputCandidates(doc, catalogue) : outputCandidates(doc, catalogue);
  }, [doc, catalogue, side]);
  const flat = groups.flatMap((group) => group.all);
  const add = (place: number) => {
    const found = flat[place];
    if (found === undefined) return;
    const { node, port } = found;
    edit("form.edit.declare", (open) =>
      side === "inputs"
        ? declareInput(open, node, port ?? "")
        : declareOutput(open, node, port, port ?? "result"),
    );
  };
  let place = 0;
  return (
    <select
      className="ui-field-box"
      aria-label={t(`form.add.${side}`)}
      value=""
      disabled={flat.length === 0}
      onChange={(event) => add(Number(event.target.value))}
    >
      <option value="">{t(`form.add.${side}`)}</option>
      {groups.map((group) => (
        <optgroup key={group.node} label={`${group.title} (${group.node})`}>
          {group.all.map((one) => (
            <option key={one.port ?? ""} value={place++}>
              {one.port ?? t("form.saved")}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}
