/** The window that runs the open workflow many times with changing seeds. */

import { useId } from "react";
import { activeTab, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { isCount, MOST_RUNS, runMany, setChange, useBatch } from "./batch";
import { type SeedChange, type SeedField, seedFields, seedKey, seedTitle } from "./seeds";
import "./running.css";

const CHANGES: readonly SeedChange[] = ["random", "increment", "keep"];

export function RunMany() {
  const t = useText();
  const { open, count } = useBatch();
  const close = () => useBatch.setState({ open: false });
  const actions = (
    <>
      <Button onClick={close}>{t("common.cancel")}</Button>
      <Button kind="primary" disabled={!isCount(count)} onClick={() => void runMany()}>
        {t("running.many.start", { count: isCount(count) ? count : "" }).trim()}
      </Button>
    </>
  );
  return (
    <Dialog open={open} onClose={close} title={t("running.many.title")} actions={actions}>
      <form
        className="running-many"
        onSubmit={(event) => {
          event.preventDefault();
          void runMany();
        }}
      >
        <Count />
        <Seeds />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function Count() {
  const t = useText();
  const id = useId();
  const count = useBatch((state) => state.count);
  const good = isCount(count);
  return (
    <div className="running-many-row">
      <label htmlFor={id}>{t("running.many.count")}</label>
      <input
        id={id}
        className="running-field"
        type="number"
        min={1}
        max={MOST_RUNS}
        step={1}
        value={Number.isNaN(count) ? "" : count}
        aria-invalid={!good}
        aria-describedby={good ? undefined : `${id}-fault`}
        onChange={(event) => useBatch.setState({ count: event.target.valueAsNumber })}
      />
      {good ? null : (
        <p className="running-note" role="alert" id={`${id}-fault`}>
          {t("running.many.fault", { most: MOST_RUNS })}
        </p>
      )}
    </div>
  );
}

function Seeds() {
  const t = useText();
  const doc = useDocuments((state) => activeTab(state).doc);
  const catalogue = useNodes((state) => state.catalogue);
  const changes = useBatch((state) => state.changes);
  const fields = catalogue ? seedFields(doc, catalogue) : [];
  const chosen = (field: SeedField) => changes[seedKey(field)] ?? "random";
  const still = fields.every((field) => chosen(field) === "keep");
  return (
    <>
      {fields.map((field) => (
        <SeedRow key={seedKey(field)} field={field} value={chosen(field)} />
      ))}
      {still ? <p className="running-note">{t("running.many.still")}</p> : null}
    </>
  );
}

function SeedRow({ field, value }: { field: SeedField; value: SeedChange }) {
  const t = useText();
  const doc = useDocuments((state) => activeTab(state).doc);
  const id = useId();
  return (
    <div className="running-many-row">
      <label htmlFor={id}>{seedTitle(doc, field)}</label>
      <select
        id={id}
        className="running-field"
        value={value}
        onChange={(event) => setChange(field, event.target.value as SeedChange)}
      >
        {CHANGES.map((change) => (
          <option key={change} value={change}>
            {t(`running.many.${change}`)}
          </option>
        ))}
      </select>
    </div>
  );
}
