/** One link: a curve in the colour of what it carries, through its reroutes. */

import { type EdgeProps, getBezierPath, useReactFlow } from "@xyflow/react";
import { memo, type PointerEvent, useState } from "react";
import type { Point } from "../graph/edits";
import { withReroutes } from "../graph/links";
import { edit } from "../store/documents";
import type { FlowEdge } from "./flow";
import { useStatus } from "./report";
import "./link.css";

type LinkProps = EdgeProps<FlowEdge>;

const NO_POINTS: readonly Point[] = [];

export const LinkView = memo(function LinkView(props: LinkProps) {
  const { id, source, data } = props;
  const runs = useStatus(source) === "running";
  const [dragged, setDragged] = useState<readonly Point[] | null>(null);
  const points = dragged ?? data?.points ?? NO_POINTS;
  const path = pathOf(props, points);
  const looks = [
    "react-flow__edge-path",
    "link",
    runs && "link-running",
    data?.mapped && "link-mapped",
  ];
  return (
    <>
      <path
        d={path}
        className="react-flow__edge-interaction"
        fill="none"
        strokeOpacity={0}
        strokeWidth={16}
      />
      <path
        id={id}
        d={path}
        fill="none"
        className={looks.filter(Boolean).join(" ")}
        style={{ stroke: data?.color ?? "var(--wire-any)" }}
      />
      {points.map((point, place) => (
        <Reroute
          key={place}
          at={point}
          color={data?.color}
          onMove={(to) => setDragged(points.map((one, n) => (n === place ? to : one)))}
          onDrop={() => {
            if (dragged) edit("edit.reroute", (doc) => withReroutes(doc, id, dragged));
            setDragged(null);
          }}
        />
      ))}
    </>
  );
});

interface RerouteProps {
  readonly at: Point;
  readonly color: string | undefined;
  readonly onMove: (to: Point) => void;
  readonly onDrop: () => void;
}

function Reroute({ at, color, onMove, onDrop }: RerouteProps) {
  const flow = useReactFlow();
  const take = (event: PointerEvent<SVGCircleElement>) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<SVGCircleElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    onMove(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
  };
  return (
    <circle
      className="link-reroute nodrag nopan"
      cx={at.x}
      cy={at.y}
      r={7}
      style={{ fill: color ?? "var(--wire-any)" }}
      onPointerDown={take}
      onPointerMove={move}
      onPointerUp={onDrop}
      onPointerCancel={onDrop}
    />
  );
}

export function pathOf(
  ends: Pick<
    LinkProps,
    "sourceX" | "sourceY" | "targetX" | "targetY" | "sourcePosition" | "targetPosition"
  >,
  points: readonly Point[],
): string {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = ends;
  const stops = [{ x: sourceX, y: sourceY }, ...points, { x: targetX, y: targetY }];
  const parts = stops.slice(1).map((to, place) => {
    const from = stops[place] as Point;
    const between = { sourceX: from.x, sourceY: from.y, targetX: to.x, targetY: to.y };
    return getBezierPath({ ...between, sourcePosition, targetPosition })[0];
  });
  return parts.join(" ");
}
