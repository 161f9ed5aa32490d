/** The result itself, large: a picture that can be zoomed, two with a slider between, or media. */

import { type CSSProperties, type PointerEvent, useEffect, useState } from "react";
import { relative } from "../api/jobs";
import { isPicture } from "../canvas/results";
import { Media } from "../running/Media";
import type { Output } from "../store/runs";
import { useText } from "../text/catalogue";
import type { ZoomHandle } from "./useZoom";

/** Where a picture's dots are this large, they are shown as such. */
const DOTS = 3;

export interface StageProps {
  readonly output: Output;
  /** What is compared with it: it lies on the left of the slider. */
  readonly beside: Output | undefined;
  readonly handle: ZoomHandle;
}

export function Stage({ output, beside, handle }: StageProps) {
  if (!isPicture(output)) {
    return (
      <div className="viewer-stage viewer-media">
        <Media output={output} />
      </div>
    );
  }
  return <Pictures output={output} beside={beside} handle={handle} />;
}

function Pictures({ output, beside, handle }: StageProps) {
  const { zoom, frame, handlers } = handle;
  const style: CSSProperties = {
    transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`,
  };
  const [split, setSplit] = useState(50);
  return (
    <div
      ref={frame}
      className="viewer-stage"
      data-zoomed={zoom.scale > 1 || undefined}
      {...handlers}
    >
      <div className="viewer-layer">
        <Picture output={output} style={style} scale={zoom.scale} />
      </div>
      {beside ? (
        <>
          <div className="viewer-layer" style={{ clipPath: `inset(0 ${100 - split}% 0 0)` }}>
            <Picture output={beside} style={style} scale={zoom.scale} />
          </div>
          <Divider left={beside.name} right={output.name} split={split} onChange={setSplit} />
        </>
      ) : null}
    </div>
  );
}

interface DividerProps {
  readonly left: string;
  readonly right: string;
  /** Percent from the left. */
  readonly split: number;
  readonly onChange: (split: number) => void;
}

/** The line between two pictures: dragged itself, or moved by the slider below and its keys. */
function Divider({ left, right, split, onChange }: DividerProps) {
  const t = useText();
  const drag = (event: PointerEvent<HTMLElement>) => {
    event.stopPropagation();
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const percent = ((event.clientX - box.left) / box.width) * 100;
    onChange(Math.min(Math.max(percent, 0), 100));
  };
  return (
    <>
      <span className="viewer-side">{left}</span>
      <span className="viewer-side viewer-right">{right}</span>
      <span
        className="viewer-line"
        style={{ left: `${split}%` }}
        onPointerDown={(event) => {
          event.stopPropagation();
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={drag}
      />
      <input
        type="range"
        className="viewer-split"
        min={0}
        max={100}
        step={0.5}
        value={split}
        aria-label={t("viewer.split", { left, right })}
        onChange={(event) => onChange(event.target.valueAsNumber)}
        onPointerDown={(event) => event.stopPropagation()}
        onPointerMove={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
      />
    </>
  );
}

interface PictureProps {
  readonly output: Output;
  readonly style: CSSProperties;
  readonly scale: number;
}

function Picture({ output, style, scale }: PictureProps) {
  const [dots, setDots] = useState(1);
  const [image, setImage] = useState<HTMLImageElement | null>(null);
  useEffect(() => {
    if (image === null) return;
    const measure = () => setDots(fitted(image));
    const watch = new ResizeObserver(measure);
    watch.observe(image);
    image.addEventListener("load", measure);
    return () => {
      watch.disconnect();
      image.removeEventListener("load", measure);
    };
  }, [image]);
  return (
    <img
      ref={setImage}
      className="viewer-picture"
      data-dots={dots * scale >= DOTS || undefined}
      style={style}
      src={relative(output.url)}
      alt={output.name}
      draggable={false}
    />
  );
}

/** How large a dot of a picture is on the screen while the whole is shown. */
function fitted(image: HTMLImageElement): number {
  if (image.naturalWidth === 0) return 1;
  return Math.min(image.clientWidth / image.naturalWidth, image.clientHeight / image.naturalHeight);
}
