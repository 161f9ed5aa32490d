/** The ports of a subgraph: named, ordered, added and taken away. */

import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { declaredOf, describe, type Ref, reorder, type Side } from "../graph/declared";
import { at, type Path } from "../graph/path";
import { portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import { exposed, portAt } from "../graph/subports";
import type { Workflow } from "../graph/workflow";
import { isLink, nodesOf } from "../graph/workflow";
import { activeTab, edit, seal, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { removePort } from "./grouping";
import { titleOf } from "./picked";
import { openDialog } from "./store";
import "./editing.css";

const SIDES = ["inputs", "outputs"] as const;

export function PortsDialog({ path, node }: { readonly path: Path; readonly node: string }) {
  const t = useText();
  const inner = [...path, node];
  const body = useDocuments((state) => at(activeTab(state).doc, inner));
  const catalogue = useNodes((state) => state.catalogue);
  const close = () => openDialog(null);
  if (body === undefined || catalogue === null) return null;
  return (
    <Dialog open onClose={close} title={t("editing.ports")}>
      <p className="editing-about">{t("editing.portsAbout")}</p>
      {SIDES.map((side) => (
        <section key={side} aria-label={t(`editing.${side}`)}>
          <h3 className="editing-heading">{t(`editing.${side}`)}</h3>
          <Rows side={side} path={inner} body={body} />
          <Adder side={side} path={inner} body={body} catalogue={catalogue} />
        </section>
      ))}
    </Dialog>
  );
}

interface SideProps {
  readonly side: Side;
  readonly path: Path;
  readonly body: Workflow;
}

function Rows({ side, path, body }: SideProps) {
  const t = useText();
  const all = declaredOf(body, side);
  if (all.length === 0) return <p className="editing-about">{t("editing.noPorts")}</p>;
  return (
    <ul className="editing-ports">
      {all.map(([key, ref], place) => (
        <PortRow
          key={key}
          {...{ side, path, body }}
          name={key}
          port={ref}
          first={place === 0}
          last={place === all.length - 1}
        />
      ))}
    </ul>
  );
}

interface PortRowProps extends SideProps {
  readonly name: string;
  readonly port: Ref;
  readonly first: boolean;
  readonly last: boolean;
}

function PortRow({ side, path, body, name, port, first, last }: PortRowProps) {
  const t = useText();
  const field = (side === "inputs" ? port.input : port.output) as string | undefined;
  const from = [titleOf(body, port.node), field].filter(Boolean).join(" · ");
  const move = (by: number) =>
    edit("edit.orderPorts", (doc) => reorder(doc, side, name, by), { at: path });
  const label = (text: string) =>
    edit("edit.renamePort", (doc) => describe(doc, side, name, { label: text }), {
      at: path,
      merge: `port ${path.join("/")} ${side} ${name}`,
    });
  return (
    <li className="editing-port" data-port={name}>
      <TextField
        label={t("editing.portLabel", { name, from })}
        value={port.label ?? ""}
        placeholder={name}
        onChange={label}
        onBlur={seal}
      />
      <IconButton
        icon={<ArrowUp />}
        label={t("editing.portUp", { name })}
        disabled={first}
        onClick={() => move(-1)}
      />
      <IconButton
        icon={<ArrowDown />}
        label={t("editing.portDown", { name })}
        disabled={last}
        onClick={() => move(1)}
      />
      <IconButton
        icon={<Trash2 />}
        label={t("editing.portRemove", { name })}
        onClick={() => removePort(path, side, name)}
      />
    </li>
  );
}

interface AdderProps extends SideProps {
  readonly catalogue: Catalogue;
}

/** A list of what could be a port and is none; what is linked inside needs none. */
function Adder({ side, path, body, catalogue }: AdderProps) {
  const t = useText();
  const free = Object.entries(nodesOf(body)).flatMap(([node, entry]) =>
    portsOf(body, node, catalogue)
      [side].filter(({ name }) => portAt(body, side, node, name) === undefined)
      .filter(({ name }) => side === "outputs" || !isLink(entry.inputs?.[name]))
      .map(({ name }) => ({ node, name, shown: `${titleOf(body, node)} · ${name}` })),
  );
  const add = (place: number) => {
    const found = free[place];
    if (!found) return;
    edit("edit.expose", (doc) => exposed(doc, side, found.node, found.name), { at: path });
  };
  return (
    <select
      className="editing-adder"
      aria-label={t(side === "inputs" ? "editing.addInput" : "editing.addOutput")}
      value=""
      disabled={free.length === 0}
      onChange={(event) => add(Number(event.target.value))}
    >
      <option value="">{t(side === "inputs" ? "editing.addInput" : "editing.addOutput")}</option>
      {free.map(({ node, name, shown }, place) => (
        <option key={`${node} ${name}`} value={place}>
          {shown}
        </option>
      ))}
    </select>
  );
}
