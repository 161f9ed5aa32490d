/** The dialog that is open of the editing tools, if any. */

import { type FormEvent, useState } from "react";
import { openUnsaved, openDoc as openWorkflow, seal } from "../store/documents";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { insert } from "./clipboard";
import { colorOf, PALETTE, setColor } from "./looks";
import { PortsDialog } from "./PortsDialog";
import { titleOf } from "./picked";
import { keepNode } from "./reusables";
import { type EditDialog, openDialog, useEditing } from "./store";
import "./editing.css";

const close = () => openDialog(null);

export function EditDialogs() {
  const dialog = useEditing((state) => state.dialog);
  if (dialog === null) return null;
  if (dialog.kind === "ports") return <PortsDialog {...dialog} />;
  if (dialog.kind === "color") return <ColorDialog {...dialog} />;
  return dialog.kind === "paste" ? <PasteDialog {...dialog} /> : <KeepDialog {...dialog} />;
}

type Of<K extends EditDialog["kind"]> = Extract<EditDialog, { kind: K }>;

function PasteDialog({ clip, at }: Of<"paste">) {
  const t = useText();
  const count = Object.keys(clip.nodes ?? {}).length;
  const open = () => {
    openUnsaved(clip);
    close();
  };
  const here = () => {
    close();
    insert(clip, at, false);
  };
  const actions = (
    <>
      <Button onClick={close}>{t("common.cancel")}</Button>
      <Button onClick={here}>{t("editing.insertHere")}</Button>
      <Button kind="primary" onClick={open}>
        {t("editing.openInTab")}
      </Button>
    </>
  );
  return (
    <Dialog open onClose={close} title={t("editing.pasteWhole")} actions={actions}>
      {t("editing.pasteWholeAbout", { count })}
    </Dialog>
  );
}

function ColorDialog({ picked }: Of<"color">) {
  const t = useText();
  const [first] = picked;
  const [color, change] = useState(() => colorOf(openWorkflow(), first ?? "") ?? PALETTE.blue);
  const set = (made: string | undefined) => {
    if (made !== undefined) change(made);
    setColor(made, picked, "color");
  };
  const end = () => {
    seal();
    close();
  };
  return (
    <Dialog
      open
      onClose={end}
      title={t("editing.color")}
      actions={<Button onClick={end}>{t("common.close")}</Button>}
    >
      <div className="editing-palette">
        {Object.entries(PALETTE).map(([name, value]) => (
          <button
            key={name}
            type="button"
            className="editing-swatch editing-swatch-large"
            style={{ "--node-color": value }}
            aria-label={t(`editing.color.${name}`)}
            aria-pressed={value === color}
            onClick={() => set(value)}
          />
        ))}
        <label className="editing-own">
          {t("editing.color.own")}
          <input type="color" value={color} onChange={(event) => set(event.target.value)} />
        </label>
        <Button onClick={() => set(undefined)}>{t("editing.color.none")}</Button>
      </div>
    </Dialog>
  );
}

function KeepDialog({ node }: Of<"reusable">) {
  const t = useText();
  const [title, setTitle] = useState(() => titleOf(openWorkflow(), node));
  const [fault, setFault] = useState<string>();
  const [over, setOver] = useState<number | null>(null);
  const change = (text: string) => {
    setTitle(text);
    setFault(undefined);
    setOver(null);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await keepNode(node, title.trim(), over);
    if (done === "kept") close();
    else if ("refused" in done) setFault(done.refused);
    else {
      setOver(done.taken);
      setFault(t("editing.keepTaken"));
    }
  };
  return (
    <Dialog open onClose={close} title={t("editing.keep")}>
      <form onSubmit={submit} className="editing-form">
        <p className="editing-about">{t("editing.keepAbout")}</p>
        <TextField label={t("editing.name")} value={title} onChange={change} fault={fault} />
        <div className="editing-actions">
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={title.trim() === ""}>
            {t(over === null ? "common.save" : "editing.keepOver")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
