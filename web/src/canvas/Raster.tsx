/** The dots behind everything: fewer of them the further away they are. */

import { useStoreApi } from "@xyflow/react";
import { useLayoutEffect, useRef } from "react";
import { useIsTiny } from "./detail";
import { GRID } from "./grid";

/** How close dots may be on the screen; closer ones are a grey, and slow to paint. */
const LEAST = 14;
const STEP = 5;

/** None at all in an overview: painting them would cost as much as all nodes do. */
export function Raster() {
  return useIsTiny() ? null : <Dots />;
}

/** How far dots are stretched before they are painted anew. */
const STRETCH = 1.25;

/** A layer of its own: while the view moves it is shifted and stretched, and seldom painted. */
function Dots() {
  const store = useStoreApi();
  const dots = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    let drawn = 0;
    const place = () => {
      const [x, y, zoom] = store.getState().transform;
      const style = dots.current?.style;
      if (!style) return;
      const gap = gapAt(zoom) * zoom;
      if (gap > drawn * STRETCH || gap * STRETCH < drawn) {
        style.setProperty("--gap", `${gap}px`);
        drawn = gap;
      }
      const [left, top] = [x, y].map((at) => (at % gap) - 1.5 * gap);
      style.transform = `translate(${left}px, ${top}px) scale(${gap / drawn})`;
    };
    place();
    return store.subscribe((now, before) => {
      if (now.transform !== before.transform) place();
    });
  }, [store]);
  return <div ref={dots} className="canvas-dots" aria-hidden />;
}

export function gapAt(zoom: number): number {
  let gap = 2 * GRID[0];
  while (gap * zoom < LEAST) gap *= STEP;
  return gap;
}
