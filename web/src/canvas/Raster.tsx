/** The dots behind everything: fewer of them the further away they are. */

import { Background, BackgroundVariant, useStore } from "@xyflow/react";
import { useIsTiny } from "./detail";
import { GRID } from "./grid";

/** How close dots may be on the screen; closer ones are a grey, and slow to paint. */
const LEAST = 14;
const STEP = 5;

/** None at all in an overview: painting them would cost as much as all nodes do. */
export function Raster() {
  const gap = useStore((state) => gapAt(state.transform[2]));
  if (useIsTiny()) return null;
  const size = (1.2 * gap) / (2 * GRID[0]);
  return <Background variant={BackgroundVariant.Dots} gap={gap} size={size} />;
}

export function gapAt(zoom: number): number {
  let gap = 2 * GRID[0];
  while (gap * zoom < LEAST) gap *= STEP;
  return gap;
}
