/** Asking for a name: to save under, or to rename to. */

import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { closeTab, findTab } from "../store/documents";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { rename, saveAs } from "./saving";
import { ask } from "./store";

export function SaveAsDialog({ tab: id, close }: { tab: string; close: boolean }) {
  const t = useText();
  const tab = findTab(id);
  const [name, setName] = useState(tab?.name ?? (tab?.doc.name || ""));
  const [fault, setFault] = useState<string>();
  const [taken, setTaken] = useState<number | null>(null);
  const submit = async (over: number | null) => {
    const outcome = await saveAs(id, name.trim(), over);
    if (outcome === "saved" || outcome === "later") {
      ask(null);
      if (close && outcome === "saved") closeTab(id);
    } else if (outcome === "asked") return;
    else if ("taken" in outcome) {
      const { version, document } = outcome.taken;
      setTaken(document === null ? null : version);
      setFault(t("keeping.taken", { version }));
    } else setFault(outcome.refused);
  };
  const change = (text: string) => {
    setName(text);
    setTaken(null);
    setFault(undefined);
  };
  return (
    <NameDialog
      title={t("keeping.saveAs")}
      action={t(taken === null ? "common.save" : "keeping.saveOver")}
      {...{ name, change, fault, submit: () => submit(taken) }}
    />
  );
}

export function RenameDialog({ name: before }: { name: string }) {
  const t = useText();
  const [name, setName] = useState(before);
  const [fault, setFault] = useState<string>();
  const submit = async () => {
    try {
      await rename(before, name.trim());
      ask(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFault(error.message);
    }
  };
  const action = t("keeping.rename");
  return <NameDialog title={action} {...{ name, change: setName, fault, submit, action }} />;
}

interface NameProps {
  readonly title: string;
  readonly name: string;
  readonly change: (name: string) => void;
  readonly fault: string | undefined;
  readonly action: string;
  readonly submit: () => Promise<void>;
}

function NameDialog({ title, name, change, fault, action, submit }: NameProps) {
  const t = useText();
  const [busy, setBusy] = useState(false);
  const [empty, setEmpty] = useState(false);
  const go = async () => {
    if (busy) return;
    setEmpty(name.trim() === "");
    if (name.trim() === "") return;
    setBusy(true);
    await submit().finally(() => setBusy(false));
  };
  const actions = (
    <>
      <Button onClick={() => ask(null)}>{t("common.cancel")}</Button>
      <Button kind="primary" disabled={busy} onClick={go}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={() => ask(null)} title={title} actions={actions}>
      <FirstField>
        <TextField
          label={t("keeping.name")}
          value={name}
          onChange={(text) => {
            setEmpty(false);
            change(text);
          }}
          onEnter={go}
          fault={empty ? t("keeping.noName") : fault}
        />
      </FirstField>
      <p className="keeping-hint">{t("keeping.folders")}</p>
    </Dialog>
  );
}

/** The focus goes to the field of a dialog, not to its cross. */
export function FirstField({ children }: { children: React.ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const field = place.current?.querySelector("input");
      field?.focus();
      field?.select();
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return <div ref={place}>{children}</div>;
}
