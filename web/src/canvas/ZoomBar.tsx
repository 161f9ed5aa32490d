/** Zoom, fit, and the switches of the view. */

import { useReactFlow } from "@xyflow/react";
import { BoxSelect, Grid3x3, Map as MapIcon, Maximize, Plus, ZoomIn, ZoomOut } from "lucide-react";
import { runCommand } from "../commands/registry";
import { changeSettings, useSettings } from "../store/settings";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { fit, toggleSelecting, useCanvasMode } from "./view";

export function ZoomBar() {
  const t = useText();
  const flow = useReactFlow();
  const snap = useSettings((state) => state.snap);
  const selecting = useCanvasMode((state) => state.selecting);
  const minimap = useSettings((state) => state.minimap);
  return (
    <div className="canvas-bar" role="toolbar" aria-label={t("canvas.view")}>
      <IconButton
        icon={<Plus />}
        label={t("command.graph.add")}
        onClick={() => runCommand("graph.add")}
      />
      <IconButton icon={<ZoomOut />} label={t("canvas.zoomOut")} onClick={() => flow.zoomOut()} />
      <IconButton icon={<ZoomIn />} label={t("canvas.zoomIn")} onClick={() => flow.zoomIn()} />
      <IconButton icon={<Maximize />} label={t("canvas.fit")} onClick={() => fit()} />
      <IconButton
        icon={<BoxSelect />}
        label={t("canvas.select")}
        pressed={selecting}
        onClick={toggleSelecting}
      />
      <IconButton
        icon={<Grid3x3 />}
        label={t("canvas.snap")}
        pressed={snap}
        onClick={() => changeSettings({ snap: !snap })}
      />
      <IconButton
        icon={<MapIcon />}
        label={t("canvas.minimap")}
        pressed={minimap}
        onClick={() => changeSettings({ minimap: !minimap })}
      />
    </div>
  );
}
