/** Changes of inputs, as steps of the history. */

import { disconnect, setInput, setPlace } from "../graph/edits";
import { type Json, placeOf, type Workflow, wrapped } from "../graph/workflow";
import { edit, here, type Spot, seal } from "../store/documents";

export function setValue(node: string, name: string, value: Json, spot?: Spot): void {
  const options = { merge: `input ${node}.${name}`, ...spot };
  edit("widgets.edit.value", (doc) => setInput(doc, node, name, wrapped(value)), options);
}

/** As one step, in the workflow at `spot`: the open one if none is given. */
export function setOnce(node: string, name: string, value: Json, spot: Spot = here()): void {
  seal(spot.tab);
  setValue(node, name, value, spot);
  seal(spot.tab);
}

/** Takes the value away, so that the default holds. */
export function resetValue(node: string, name: string): void {
  edit("widgets.edit.reset", (doc) => setInput(doc, node, name, undefined));
}

export function unlink(node: string, name: string): void {
  edit("widgets.edit.unlink", (doc) => disconnect(doc, node, name));
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
