/** Zooming and moving a picture in its frame, as plain sums. */

export interface Zoom {
  /** 1: the whole picture fills the frame. */
  readonly scale: number;
  /** Of the picture's middle from that of the frame, in pixels. */
  readonly x: number;
  readonly y: number;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
const MOST = 32;

/** Zooms so that what lies under a spot (from the frame's middle) stays under it. */
export function zoomedAt(zoom: Zoom, factor: number, spot: Spot): Zoom {
  const scale = Math.min(Math.max(zoom.scale * factor, 1), MOST);
  if (scale === 1) return WHOLE;
  const by = scale / zoom.scale;
  return { scale, x: spot.x - (spot.x - zoom.x) * by, y: spot.y - (spot.y - zoom.y) * by };
}

/** Moves by pixels, but not so far that nothing of the picture is left in the frame. */
export function movedBy(zoom: Zoom, by: Spot, frame: { width: number; height: number }): Zoom {
  const limit = (size: number) => (size * (zoom.scale - 1)) / 2 + size * 0.25 * (zoom.scale - 1);
  const held = (value: number, size: number) => {
    const most = Math.min(limit(size), (size * zoom.scale) / 2);
    return Math.min(Math.max(value, -most), most);
  };
  return {
    ...zoom,
    x: held(zoom.x + by.x, frame.width),
    y: held(zoom.y + by.y, frame.height),
  };
}
