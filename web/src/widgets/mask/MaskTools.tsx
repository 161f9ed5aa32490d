/** The tools of the mask painter. */

import { Contrast, Eraser, Trash2, Undo2, ZoomIn, ZoomOut } from "lucide-react";
import { useText } from "../../text/catalogue";
import { IconButton } from "../../ui/Button";
import { limited } from "./MaskCanvas";
import type { Brush, usePainting } from "./usePainting";

export interface MaskToolsProps {
  readonly brush: Brush;
  readonly setBrush: (brush: Brush) => void;
  readonly zoom: number;
  readonly setZoom: (zoom: number) => void;
  readonly painting: ReturnType<typeof usePainting>;
  /** The longer side of the picture. */
  readonly largest: number;
}

export function MaskTools(props: MaskToolsProps) {
  const { brush, setBrush, zoom, setZoom, painting, largest } = props;
  const t = useText();
  return (
    <div className="mask-tools">
      <label className="mask-size">
        <span>{t("widgets.mask.size")}</span>
        <input
          type="range"
          className="widget-slider"
          min={1}
          max={Math.max(Math.ceil(largest / 2), 2)}
          value={brush.size}
          onChange={(event) => setBrush({ ...brush, size: Number(event.target.value) })}
        />
        <output>{brush.size}</output>
      </label>
      <IconButton
        icon={<Eraser />}
        label={t("widgets.mask.erase")}
        pressed={brush.erase}
        onClick={() => setBrush({ ...brush, erase: !brush.erase })}
      />
      <IconButton
        icon={<Undo2 />}
        label={t("widgets.mask.undo")}
        disabled={painting.steps.length === 0}
        onClick={painting.undo}
      />
      <IconButton
        icon={<Contrast />}
        label={t("widgets.mask.invert")}
        onClick={() => painting.act({ kind: "invert" })}
      />
      <IconButton
        icon={<Trash2 />}
        label={t("widgets.mask.clear")}
        onClick={() => painting.act({ kind: "clear" })}
      />
      <span className="mask-gap" />
      <IconButton
        icon={<ZoomOut />}
        label={t("widgets.mask.zoomOut")}
        onClick={() => setZoom(limited(zoom / 1.5))}
      />
      <IconButton
        icon={<ZoomIn />}
        label={t("widgets.mask.zoomIn")}
        onClick={() => setZoom(limited(zoom * 1.5))}
      />
    </div>
  );
}
