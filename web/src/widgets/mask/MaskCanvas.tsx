/** The picture with the mask over it, and the brush where it would paint. */

import { useEffect, useRef } from "react";
import { useText } from "../../text/catalogue";
import { drawOpaque } from "./picture";
import type { Pixels } from "./png";
import type { Brush, usePainting } from "./usePainting";

export interface MaskCanvasProps {
  readonly pixels: Pixels;
  readonly painting: ReturnType<typeof usePainting>;
  readonly brush: Brush;
  readonly zoom: number;
  readonly setZoom: (change: (zoom: number) => number) => void;
}

export const LEAST_ZOOM = 1;
export const MOST_ZOOM = 16;

export function MaskCanvas({ pixels, painting, brush, zoom, setZoom }: MaskCanvasProps) {
  const t = useText();
  const { width, height } = pixels;
  const base = useRef<HTMLCanvasElement>(null);
  const view = useWheelZoom(setZoom);
  useEffect(() => {
    if (base.current) drawOpaque(base.current, pixels);
  }, [pixels]);
  const { cursor } = painting;
  const part = (length: number, of: number) => `${(100 * length) / of}%`;
  return (
    <div ref={view} className="mask-view">
      <div
        className="mask-stack"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is painted on, by keys too
        tabIndex={0}
        role="application"
        aria-label={t("widgets.mask.canvas")}
        onKeyDown={painting.onKeyDown}
        style={{
          aspectRatio: `${width} / ${height}`,
          "--mask-zoom": zoom,
          "--mask-shape": width / height,
        }}
      >
        <canvas ref={base} width={width} height={height} aria-hidden />
        <canvas
          ref={painting.canvas}
          className="mask-paint"
          width={width}
          height={height}
          {...painting.events}
        />
        {cursor ? (
          <span
            className="mask-brush"
            style={{
              left: part(cursor.x, width),
              top: part(cursor.y, height),
              width: part(brush.size, width),
            }}
          />
        ) : null}
      </div>
    </div>
  );
}

/** Ctrl and the wheel zoom, as does pinching on a touch pad; the page itself must not. */
function useWheelZoom(setZoom: MaskCanvasProps["setZoom"]) {
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      setZoom((zoom) => limited(zoom * 1.002 ** -event.deltaY));
    };
    const element = view.current;
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [setZoom]);
  return view;
}

export function limited(zoom: number): number {
  return Math.min(Math.max(zoom, LEAST_ZOOM), MOST_ZOOM);
}
