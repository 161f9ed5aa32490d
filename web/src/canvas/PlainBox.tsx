/** A frame or a note as it looks before the part that edits them is there. */

import type { NodeProps } from "@xyflow/react";
import type { FrameNode, NoteNode } from "./flow";

export function PlainFrame({ data }: NodeProps<FrameNode>) {
  const { title, color } = data.frame;
  return (
    <section className="canvas-frame" style={{ ...(color && { "--node-color": color }) }}>
      <header className="frame-head">{title}</header>
    </section>
  );
}

export function PlainNote({ data }: NodeProps<NoteNode>) {
  const { text, color } = data.note;
  return (
    <section className="canvas-note" style={{ ...(color && { "--node-color": color }) }}>
      {text}
    </section>
  );
}
