/** A workflow drawn small: where its nodes are, and which differ from another's. */

import { NODE_WIDTH } from "../graph/metrics";
import { edgesOf, nodesOf, placeOf, type Workflow } from "../graph/workflow";
import { useText } from "../text/catalogue";
import { differences } from "./compare";

const HEIGHT = 150;
const MARGIN = 60;

interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `beside`: what it is compared with; nodes that are not the same there are coloured. */
export function Sketch({ doc, beside }: { doc: Workflow; beside?: Workflow }) {
  const t = useText();
  const boxes = boxesOf(doc);
  const by = new Map(boxes.map((box) => [box.id, box]));
  const found = beside && differences(beside, doc);
  const kindOf = (id: string) => {
    if (found?.added.includes(id)) return "added";
    return found?.changed.includes(id) ? "changed" : "same";
  };
  return (
    <svg
      className="keeping-sketch"
      role="img"
      aria-label={t("keeping.sketch")}
      viewBox={viewOf(boxes)}
    >
      {edgesOf(doc).map((edge) => {
        const [from, to] = [by.get(edge.source), by.get(edge.target)];
        if (!from || !to) return null;
        const line = `M${from.x + from.width} ${from.y + 40}L${to.x} ${to.y + 40}`;
        return <path key={edge.id} d={line} />;
      })}
      {boxes.map(({ id, ...box }) => (
        <rect key={id} {...box} rx={16} data-kind={kindOf(id)} />
      ))}
    </svg>
  );
}

function boxesOf(doc: Workflow): Box[] {
  return Object.keys(nodesOf(doc)).map((id, index) => {
    const place = placeOf(doc, id);
    return {
      id,
      x: place.x ?? index * (NODE_WIDTH + MARGIN),
      y: place.y ?? 0,
      width: place.width ?? NODE_WIDTH,
      height: place.collapsed ? 40 : (place.height ?? HEIGHT),
    };
  });
}

function viewOf(boxes: readonly Box[]): string {
  if (boxes.length === 0) return "0 0 100 60";
  const left = Math.min(...boxes.map((box) => box.x)) - MARGIN;
  const top = Math.min(...boxes.map((box) => box.y)) - MARGIN;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return `${left} ${top} ${right - left} ${bottom - top}`;
}
