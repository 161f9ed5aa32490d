/** Pictures and the like that are dropped or pasted: for a node that takes one, or a new node. */

import { announce } from "../commands/announce";
import { addNode, freshId, moveNodes, type Point, setInput } from "../graph/edits";
import type { Catalogue, NodeSchema } from "../graph/schema";
import { inputsOf, isLink, nodesOf, type Workflow, wrapped } from "../graph/workflow";
import { entryOf, freeBeside, freeOf, idOf } from "../palette/placing";
import { edit, findTab, here, openDoc, type Spot } from "../store/documents";
import { useNodes } from "../store/nodes";
import { select } from "../store/selection";
import { useView } from "../store/view";
import { t } from "../text/catalogue";
import { targetsFor } from "../viewer/sending";
import { setOnce } from "../widgets/change";
import { upload } from "../widgets/files";

/** Where a file was dropped or pasted. */
export interface Onto {
  /** Nodes that it may be for, the likeliest first. */
  readonly nodes: readonly string[];
  readonly at: Point;
  /** Whether nobody pointed at that place: then a new node lies on no other. */
  readonly free?: boolean;
}

type Goal =
  | { readonly node: string; readonly input: string }
  | { readonly schema: NodeSchema; readonly input: string };

/** `image`, `video` or `audio`; undefined for every other file. */
export function mediaKind({ type }: { readonly type: string }): string | undefined {
  const kind = type.split("/")[0] ?? "";
  return ["image", "video", "audio"].includes(kind) ? kind : undefined;
}

/**
 * Gives a file to a node; false where neither a node nor any type takes one of its kind.
 *
 * Throws an ApiError where the server refuses the file.
 */
export async function giveMedia(file: File, kind: string, onto: Onto): Promise<boolean> {
  const { catalogue } = useNodes.getState();
  if (catalogue === null || useView.getState().page !== "graph") return false;
  const goal = goalAmong(onto.nodes, kind, catalogue) ?? newFor(kind, catalogue);
  if (goal === undefined) return false;
  const spot = here();
  const { name } = await upload(file, file.name);
  if ("node" in goal) setOnce(goal.node, goal.input, name, spot);
  else addHolding(goal.schema, goal.input, name, onto, spot);
  return true;
}

function goalAmong(ids: readonly string[], kind: string, catalogue: Catalogue): Goal | undefined {
  const doc = openDoc();
  const free = targetsFor(doc, catalogue, kind).filter(({ node, input }) => {
    const entry = nodesOf(doc)[node];
    return entry !== undefined && !isLink(inputsOf(entry)[input]);
  });
  return ids.flatMap((id) => free.filter(({ node }) => node === id))[0];
}

/** The simplest type that begins with such a file. */
function newFor(kind: string, catalogue: Catalogue): Goal | undefined {
  const found = catalogue.nodes.flatMap((schema) => {
    const input = schema.inputs.find((one) => one.widget?.accept === kind && one.required);
    const fits = input?.widget?.kind === "file" && !schema.deprecated && schema.outputs.length > 0;
    return fits ? [{ schema, input: input.name }] : [];
  });
  return found.sort((a, b) => a.schema.inputs.length - b.schema.inputs.length)[0];
}

function addHolding(
  schema: NodeSchema,
  input: string,
  file: string,
  { at, free }: Onto,
  spot: Spot,
): void {
  const { catalogue } = useNodes.getState();
  let made = "";
  const add = (doc: Workflow) => {
    made = freshId(doc, idOf(schema.name));
    const bare = addNode(doc, made, entryOf(schema), at);
    const place = free && catalogue ? freeBeside(bare, made, at, catalogue) : freeOf(doc, made, at);
    return setInput(moveNodes(bare, new Map([[made, place]])), made, input, wrapped(file));
  };
  if (findTab(spot.tab) === undefined) return;
  edit("graph.add", add, { tab: spot.tab, at: spot.at });
  const now = here();
  if (now.tab !== spot.tab || now.at.join("/") !== spot.at.join("/")) return;
  select([made]);
  announce(t("palette.added", { name: schema.display_name }));
}
