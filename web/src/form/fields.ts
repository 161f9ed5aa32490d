/** The fields of the form: each declared input with the schema of the node it belongs to. */

import { declaredOf, descriptionOf, titleOf } from "../graph/declared";
import { portsOf } from "../graph/ports";
import type { Catalogue, InputSchema } from "../graph/schema";
import type { InputRef, Json, Workflow } from "../graph/workflow";
import { inputsOf, nodesOf } from "../graph/workflow";

export interface Field {
  readonly name: string;
  readonly node: string;
  readonly title: string;
  readonly description: string;
  readonly value: Json | undefined;
  /** Undefined where the node or the field is gone. */
  readonly input: InputSchema | undefined;
}

export function fieldsOf(doc: Workflow, catalogue: Catalogue): Field[] {
  return declaredOf(doc, "inputs").map(([name, ref]) => {
    const { node, input } = ref as InputRef;
    const ports = portsOf(doc, node, catalogue).inputs;
    const entry = nodesOf(doc)[node];
    const found = ports.find((port) => port.name === input);
    // What has no words of its own is called as on the node, in the language that is shown.
    const own = ref.label ? undefined : name === input ? found?.label : undefined;
    return {
      name,
      node,
      title: titleOf(name, own === undefined ? ref : { ...ref, label: own }),
      description: descriptionOf(ref),
      value: entry && inputsOf(entry)[input],
      input: found,
    };
  });
}
