/** A node that is dragged onto a link is put between its ends. */

import type { Node } from "@xyflow/react";
import { announce } from "../commands/announce";
import { type Box, distanceTo, middleOf, passesThrough } from "../graph/geometry";
import { inserted, linksOf } from "../graph/links";
import { edit, openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { t } from "../text/catalogue";
import { markLink } from "./marks";
import { type DrawnLink, drawnLinks } from "./places";

const OVER = "data-over";

let links: readonly DrawnLink[] = [];
let over: string | null = null;

/** Only a node without links is put on one: else moving things about would change what they do. */
export function startCarrying(canvas: Element | null, nodes: readonly Node[]): void {
  const [node] = nodes;
  const single = nodes.length === 1 && node?.type === "node";
  const free = single && linksOf(openDoc(), node.id).length === 0;
  links = canvas && free ? drawnLinks(canvas) : [];
  over = null;
}

export function carry(canvas: Element | null, node: Node): void {
  const catalogue = useNodes.getState().catalogue;
  if (canvas === null || catalogue === null || links.length === 0) return;
  const box = boxOf(node);
  const middle = middleOf(box);
  const under = links
    .filter(({ line }) => passesThrough(line, box))
    .sort((a, b) => distanceTo(middle, a.line) - distanceTo(middle, b.line));
  const fits = under.find(({ id }) => inserted(openDoc(), catalogue, node.id, id) !== undefined);
  over = fits?.id ?? null;
  markLink(canvas, OVER, over);
}

export function putDown(canvas: Element | null, node: Node): void {
  const link = over;
  const catalogue = useNodes.getState().catalogue;
  links = [];
  over = null;
  if (canvas) markLink(canvas, OVER, null);
  if (link === null || catalogue === null) return;
  // After the edit that moves the node, which belongs to the same drop.
  queueMicrotask(() => {
    edit("connect.insert", (doc) => inserted(doc, catalogue, node.id, link) ?? doc);
    announce(t("connect.inserted"));
  });
}

function boxOf({ position, width, height }: Node): Box {
  return { ...position, width: width ?? 0, height: height ?? 0 };
}
