/** A frame around nodes: its title takes hold of it and of what lies on it. */

import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import type { FrameNode } from "../canvas/flow";
import { BoxGrip } from "./BoxGrip";
import { useEditing, write } from "./store";
import { TitleField } from "./TitleField";
import "./boxes.css";

export const FrameView = memo(function FrameView({ id, data, selected }: NodeProps<FrameNode>) {
  const { title, color, width, height } = data.frame;
  const writing = useEditing((state) => state.writing === id);
  const classes = ["canvas-frame", color && "editing-colored", selected && "editing-selected"];
  return (
    <section
      className={classes.filter(Boolean).join(" ")}
      style={{ ...(color && { "--node-color": color }) }}
      data-box={id}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: F2 does the same by keys */}
      <header className="frame-head" onDoubleClick={() => write(id)}>
        {writing ? <TitleField id={id} title={title} /> : title}
      </header>
      {selected ? <BoxGrip id={id} width={width} height={height} /> : null}
    </section>
  );
});
