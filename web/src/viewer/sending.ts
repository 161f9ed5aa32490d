/** Sending a result to an input of the open workflow that takes such a file. */

import { inputFromAsset } from "../api/jobs";
import { portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import { nodesOf, type Workflow } from "../graph/workflow";
import { titleIn } from "../panels/names";
import { jumpTo } from "../running/jump";
import { attempt } from "../running/submit";
import { activeTab, here } from "../store/documents";
import type { Output } from "../store/runs";
import { closeViewer } from "../store/viewer";
import { setOnce } from "../widgets/change";

export interface Target {
  readonly node: string;
  readonly input: string;
  readonly label: string;
}

/** Inputs of what is open that hold a file of this kind. */
export function targetsFor(doc: Workflow, catalogue: Catalogue, kind: string): Target[] {
  return Object.keys(nodesOf(doc)).flatMap((node) =>
    portsOf(doc, node, catalogue)
      .inputs.filter(({ widget }) => widget?.kind === "file" && accepts(widget.accept, kind))
      .map(({ name }) => ({
        node,
        input: name,
        label: `${titleIn(doc, node)} (${node}) · ${name}`,
      })),
  );
}

function accepts(accept: string | undefined, kind: string): boolean {
  return accept === undefined || accept === "any" || accept === kind;
}

/** Makes an input file of a result and sets it; the node is shown. */
export function send(output: Output, { node, input }: Target): Promise<boolean> {
  const spot = here();
  return attempt(async () => {
    const name = await inputFromAsset(output.id);
    setOnce(node, input, name, spot);
    closeViewer();
    if (activeTab().id === spot.tab) jumpTo([...spot.at, node].join("/"), input);
  });
}
