/** What an input held before it was linked: kept beside the link, and back when the link goes. */

import { setInput, setPlace } from "./edits";
import { portsOf } from "./ports";
import type { Catalogue, InputSchema } from "./schema";
import {
  inputsOf,
  isLink,
  type Json,
  type NodeEntry,
  nodesOf,
  placeOf,
  type Workflow,
} from "./workflow";

type Values = { readonly [name: string]: Json };

/**
 * The changed workflow, with the values that links have taken the place of noted in the layout,
 * and those of links that are gone put back. However a link went - cut, unplugged, or with the
 * node it came from - this is the one place that sees to it.
 */
export function withReturned(before: Workflow, made: Workflow, catalogue: Catalogue): Workflow {
  if (nodesOf(before) === nodesOf(made)) return made;
  let doc = made;
  for (const [id, entry] of Object.entries(nodesOf(made))) {
    const old = nodesOf(before)[id];
    if (old !== entry) doc = nodeReturned(doc, id, old, entry, catalogue);
  }
  return doc;
}

function nodeReturned(
  doc: Workflow,
  id: string,
  old: NodeEntry | undefined,
  entry: NodeEntry,
  catalogue: Catalogue,
): Workflow {
  const noted = placeOf(doc, id).unlinked ?? {};
  const same = old?.type === entry.type;
  const was: Values = old && same ? inputsOf(old) : {};
  const now = inputsOf(entry);
  const kept: { [name: string]: Json } = {};
  let changed = doc;
  for (const input of portsOf(doc, id, catalogue).inputs) {
    const { name } = input;
    const value = same || old === undefined ? (noted[name] ?? undefined) : undefined;
    if (isLink(now[name])) {
      const held = isHeld(input, was[name]) ? was[name] : value;
      if (held !== undefined) kept[name] = held;
    } else if (now[name] === undefined && (old === undefined || isLink(was[name]))) {
      const back = value ?? (isLink(was[name]) ? blank(input) : undefined);
      if (back !== undefined) changed = setInput(changed, id, name, back);
    }
  }
  if (sameValues(kept, noted)) return changed;
  return setPlace(changed, id, { unlinked: Object.keys(kept).length > 0 ? kept : undefined });
}

/** Secrets are written nowhere, and a body is no value. */
function isHeld({ widget }: InputSchema, value: Json | undefined): boolean {
  if (value === undefined || isLink(value) || widget === undefined) return false;
  return widget.kind !== "secret" && widget.kind !== "workflow";
}

/** Without a default, an empty prompt is what an empty field looks like. */
function blank({ widget, required }: InputSchema): Json | undefined {
  return required && widget?.prompt ? "" : undefined;
}

function sameValues(a: Values, b: Values): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
