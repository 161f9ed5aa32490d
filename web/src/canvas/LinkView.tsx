/** One link: a curve in the colour of what it carries, through its reroutes. */

import { BaseEdge, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import type { FlowEdge } from "./flow";

export const LinkView = memo(function LinkView(props: EdgeProps<FlowEdge>) {
  const path = pathOf(props);
  const color = props.data?.color ?? "var(--wire-any)";
  return <BaseEdge id={props.id} path={path} style={{ stroke: color }} interactionWidth={16} />;
});

interface End {
  readonly x: number;
  readonly y: number;
}

function pathOf({
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
  ...rest
}: EdgeProps<FlowEdge>): string {
  const stops: End[] = [
    { x: sourceX, y: sourceY },
    ...(data?.points ?? []),
    { x: targetX, y: targetY },
  ];
  const parts = stops.slice(1).map((to, place) => {
    const from = stops[place] as End;
    const { sourcePosition, targetPosition } = rest;
    const ends = { sourceX: from.x, sourceY: from.y, targetX: to.x, targetY: to.y };
    return getBezierPath({ ...ends, sourcePosition, targetPosition })[0];
  });
  return parts.join(" ");
}
