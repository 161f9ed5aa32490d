/** While the view moves, all that lies on it is one picture that the browser need not paint anew. */

import { useStoreApi, ViewportPortal } from "@xyflow/react";
import { useEffect, useRef } from "react";
import type { AnyNode } from "./flow";
import { type FlowStore, followMoves, isTooCoarse } from "./moving";

/** How far the ground under that picture reaches, in sizes of what is seen. */
const REACH = 3;

export function Lift() {
  const store = useStoreApi<AnyNode>();
  const ground = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let lifted = 0;
    const lift = () => {
      const view = ground.current?.closest<HTMLElement>(".react-flow__viewport");
      if (!view || !ground.current) return;
      view.style.willChange = "transform";
      spread(ground.current, store);
      lifted = store.getState().transform[2];
    };
    const drop = () => {
      const view = ground.current?.closest<HTMLElement>(".react-flow__viewport");
      view?.style.removeProperty("will-change");
      if (ground.current) ground.current.style.display = "none";
      lifted = 0;
    };
    const move = () => {
      if (lifted === 0) lift();
      // Let down for one frame, it is painted in its new size.
      else if (isTooCoarse(lifted, store.getState().transform[2])) drop();
    };
    const end = followMoves(store, move, drop);
    return () => {
      end();
      drop();
    };
  }, [store]);
  return (
    <ViewportPortal>
      <div ref={ground} className="canvas-ground" aria-hidden />
    </ViewportPortal>
  );
}

/** Browsers make a picture of each node where nothing lies between them: one for all is faster. */
function spread(ground: HTMLElement, store: FlowStore): void {
  const { transform, width, height } = store.getState();
  const [x, y, zoom] = transform;
  const [across, down] = [width / zoom, height / zoom];
  const margin = (REACH - 1) / 2;
  ground.style.cssText = `display: block; width: ${across * REACH}px; height: ${down * REACH}px;
    transform: translate(${-x / zoom - across * margin}px, ${-y / zoom - down * margin}px)`;
}
