/** Changes of inputs, as steps of the history; made where the value that counts is set. */

import { disconnect, setInput, setPlace } from "../graph/edits";
import { holderOf } from "../graph/outside";
import { type Json, placeOf, type Workflow, wrapped } from "../graph/workflow";
import { edit, findTab, here, type Spot, seal } from "../store/documents";
import { useNodes } from "../store/nodes";

/** Makes one change of an input where its value is set: perhaps outside of the workflow at `spot`. */
function changeInput(
  label: string,
  node: string,
  name: string,
  change: (doc: Workflow, node: string, name: string) => Workflow,
  { spot = here(), merges = false }: { spot?: Spot | undefined; merges?: boolean } = {},
): void {
  const doc = findTab(spot.tab)?.doc;
  if (doc === undefined) return;
  const field = { path: spot.at, node, input: name };
  const { path, ...set } = holderOf(doc, field, useNodes.getState().catalogue);
  const merge = `input ${[...path, set.node].join("/")}.${set.input}`;
  const options = { tab: spot.tab, at: path, ...(merges && { merge }) };
  edit(label, (open) => change(open, set.node, set.input), options);
}

export function setValue(node: string, name: string, value: Json, spot?: Spot): void {
  changeInput(
    "widgets.edit.value",
    node,
    name,
    (doc, id, input) => setInput(doc, id, input, wrapped(value)),
    { spot, merges: true },
  );
}

/** As one step, in the workflow at `spot`: the open one if none is given. */
export function setOnce(node: string, name: string, value: Json, spot: Spot = here()): void {
  seal(spot.tab);
  setValue(node, name, value, spot);
  seal(spot.tab);
}

/** Takes the value away, so that the default holds. */
export function resetValue(node: string, name: string): void {
  changeInput("widgets.edit.reset", node, name, (doc, id, input) =>
    setInput(doc, id, input, undefined),
  );
}

export function unlink(node: string, name: string): void {
  changeInput("widgets.edit.unlink", node, name, disconnect);
}

/** Shows an input that has a widget as a socket, or as its widget again. */
export function showAsSocket(node: string, name: string, socket: boolean): void {
  const label = socket ? "widgets.edit.socket" : "widgets.edit.widget";
  edit(label, (doc) => withSocket(doc, node, name, socket));
}

export function withSocket(doc: Workflow, node: string, name: string, socket: boolean): Workflow {
  const others = (placeOf(doc, node).sockets ?? []).filter((one) => one !== name);
  const sockets = socket ? [...others, name] : others;
  return setPlace(doc, node, { sockets: sockets.length > 0 ? sockets : undefined });
}
