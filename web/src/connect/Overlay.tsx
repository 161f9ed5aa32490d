/** Drawn over the canvas while links are dragged or cut. */

import { useStore, useStoreApi, ViewportPortal } from "@xyflow/react";
import { useEffect } from "react";
import { followPointer } from "./pointer";
import { type DraggedLink, useConnecting } from "./store";
import "./connect.css";

export function Overlay() {
  const store = useStoreApi();
  const canvas = useStore((state) => state.domNode);
  const link = useConnecting((state) => state.link);
  const cut = useConnecting((state) => state.cut);
  useEffect(() => {
    const element = canvas ?? store.getState().domNode;
    return element ? followPointer(element as HTMLElement) : undefined;
  }, [canvas, store]);
  if (link === null && cut === null) return null;
  return (
    <ViewportPortal>
      <svg className="connect-lines" aria-hidden="true">
        {link ? <path className={classOf(link)} d={curve(link)} stroke={link.color} /> : null}
        {link ? <circle cx={link.loose.x} cy={link.loose.y} r={5} fill={link.color} /> : null}
        {cut ? (
          <polyline className="connect-cut" points={cut.map(({ x, y }) => `${x},${y}`).join(" ")} />
        ) : null}
      </svg>
      {link?.says ? <Label link={link} /> : null}
    </ViewportPortal>
  );
}

function Label({ link }: { readonly link: DraggedLink }) {
  const zoom = useStore((state) => state.transform[2]);
  const { x, y } = link.loose;
  const transform = `translate(${x}px, ${y}px) scale(${1 / zoom}) translate(14px, 14px)`;
  return (
    <div
      className={link.refused ? "connect-says connect-bad" : "connect-says"}
      style={{ transform }}
    >
      {link.says}
    </div>
  );
}

function classOf({ refused }: DraggedLink): string {
  return refused ? "connect-line connect-refused" : "connect-line";
}

/** As links are drawn: out of the right side, into the left one. */
function curve({ fixed, loose, out }: DraggedLink): string {
  const [from, to] = out ? [fixed, loose] : [loose, fixed];
  const bend = Math.max(30, Math.min(160, Math.abs(to.x - from.x) / 2));
  return `M${from.x},${from.y} C${from.x + bend},${from.y} ${to.x - bend},${to.y} ${to.x},${to.y}`;
}
