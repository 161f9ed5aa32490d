/** What of a workflow could be declared and is not yet, by node. */

import { inputNameOf, outputNameOf } from "../graph/declared";
import { portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import { isLink, nodesOf, placeOf, type Workflow } from "../graph/workflow";

export interface Candidate {
  readonly node: string;
  /** The field or output; undefined for what a node saves. */
  readonly port: string | undefined;
}

export interface Candidates {
  readonly node: string;
  readonly title: string;
  readonly all: readonly Candidate[];
}

/** Fields with a widget that are not linked: a value can be given for them. */
export function inputCandidates(doc: Workflow, catalogue: Catalogue): Candidates[] {
  return byNode(doc, catalogue, (node) => {
    const given = nodesOf(doc)[node]?.inputs ?? {};
    const free = portsOf(doc, node, catalogue).inputs.filter(
      (port) => port.widget && !isLink(given[port.name]) && !inputNameOf(doc, node, port.name),
    );
    return free.map((port) => ({ node, port: port.name }));
  });
}

export function outputCandidates(doc: Workflow, catalogue: Catalogue): Candidates[] {
  return byNode(doc, catalogue, (node) => {
    const { outputs, schema } = portsOf(doc, node, catalogue);
    const names: (string | undefined)[] = outputs.map((output) => output.name);
    if (schema?.effect) names.unshift(undefined);
    const free = names.filter((name) => outputNameOf(doc, node, name) === undefined);
    return free.map((port) => ({ node, port }));
  });
}

function byNode(
  doc: Workflow,
  catalogue: Catalogue,
  candidates: (node: string) => Candidate[],
): Candidates[] {
  const groups = Object.entries(nodesOf(doc)).map(([node, entry]) => ({
    node,
    title: placeOf(doc, node).title ?? catalogue.find(entry.type)?.display_name ?? entry.type,
    all: candidates(node),
  }));
  return groups.filter((group) => group.all.length > 0);
}
