/** One declared input or output in the dialog. */

import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { useState } from "react";
import {
  declaredOf,
  describe,
  descriptionOf,
  type Ref,
  rename,
  reorder,
  type Side,
  titleOf,
  undeclare,
} from "../graph/declared";
import { activeTab, edit, openDoc, seal, useDocuments } from "../store/documents";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { TextField } from "../ui/Field";

interface RowProps {
  readonly side: Side;
  readonly name: string;
  readonly refTo: Ref;
  readonly first: boolean;
  readonly last: boolean;
}

export function DeclaredRow({ side, name, refTo, first, last }: RowProps) {
  const t = useText();
  const port = "input" in refTo ? refTo.input : refTo.output;
  const write = (key: "label" | "description", value: string) =>
    edit("form.edit.describe", (doc) => describe(doc, side, name, { [key]: value }), {
      merge: `form ${side} ${name} ${key}`,
    });
  const move = (by: number) => edit("form.edit.order", (doc) => reorder(doc, side, name, by));
  return (
    <fieldset className="declared-row" data-declared={name}>
      <legend className="ui-unseen">{name}</legend>
      <div className="declared-fields">
        <Name side={side} name={name} />
        <TextField
          label={t("form.label")}
          value={refTo.label ?? ""}
          placeholder={titleOf(name, { ...refTo, label: "" })}
          onChange={(value) => write("label", value)}
          onBlur={seal}
        />
        <TextField
          label={t("form.description")}
          value={descriptionOf(refTo)}
          onChange={(value) => write("description", value)}
          onBlur={seal}
        />
      </div>
      <div className="declared-foot">
        <span className="declared-from">{[refTo.node, port].filter(Boolean).join(".")}</span>
        <IconButton
          icon={<ArrowUp />}
          label={t("form.up", { name })}
          disabled={first}
          onClick={() => move(-1)}
        />
        <IconButton
          icon={<ArrowDown />}
          label={t("form.down", { name })}
          disabled={last}
          onClick={() => move(1)}
        />
        <IconButton
          icon={<Trash2 />}
          label={t("form.remove", { name })}
          onClick={() => edit("form.edit.undeclare", (doc) => undeclare(doc, side, name))}
        />
      </div>
    </fieldset>
  );
}

/** Links to a subgraph go by these names, so there they stay; the title may change. */
function Name({ side, name }: { side: Side; name: string }) {
  const t = useText();
  const inside = useDocuments((state) => activeTab(state).path.length > 0);
  const taken = useDocuments((state) =>
    declaredOf(openDoc(state), side)
      .map(([one]) => one)
      .join("\n"),
  );
  const [draft, setDraft] = useState<string | null>(null);
  const clash = draft !== null && draft !== name && taken.split("\n").includes(draft.trim());
  const commit = () => {
    if (draft !== null) edit("form.edit.rename", (doc) => rename(doc, side, name, draft.trim()));
    setDraft(null);
  };
  return (
    <TextField
      label={t("form.name")}
      value={draft ?? name}
      disabled={inside}
      fault={clash ? t("form.taken") : undefined}
      onChange={setDraft}
      onBlur={commit}
      onEnter={commit}
    />
  );
}
