/** A note: Markdown to read, or the text of it while it is written. */

import type { NodeProps } from "@xyflow/react";
import { type KeyboardEvent, lazy, memo, Suspense, useRef } from "react";
import type { NoteNode } from "../canvas/flow";
import type { Note } from "../graph/workflow";
import { seal } from "../store/documents";
import { useText } from "../text/catalogue";
import { BoxGrip } from "./BoxGrip";
import { setText } from "./looks";
import { useEditing, write } from "./store";
import { drawnBox } from "./TitleField";
import { useFirstFocus } from "./useFirstFocus";
import "./boxes.css";

const Markdown = lazy(async () => ({ default: (await import("./Markdown")).Markdown }));

export const NoteView = memo(function NoteView({ id, data, selected }: NodeProps<NoteNode>) {
  const { color, width, height } = data.note;
  const writing = useEditing((state) => state.writing === id);
  const classes = ["canvas-note", selected && "editing-selected"];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: F2 does the same by keys
    <section
      className={classes.filter(Boolean).join(" ")}
      style={{ ...(color && { "--node-color": color }) }}
      data-box={id}
      onDoubleClick={() => write(id)}
    >
      {writing ? <Writing id={id} note={data.note} /> : <Reading note={data.note} />}
      {selected ? <BoxGrip id={id} width={width} height={height} /> : null}
    </section>
  );
});

/** Other programs have notes of plain text. */
function Reading({ note }: { readonly note: Note }) {
  const t = useText();
  const { text, markdown } = note;
  if (text.trim() === "") return <p className="editing-note-empty">{t("editing.emptyNote")}</p>;
  return (
    <div className={markdown === false ? "editing-note editing-note-plain" : "editing-note"}>
      {markdown === false ? (
        text
      ) : (
        <Suspense fallback={text}>
          <Markdown text={text} />
        </Suspense>
      )}
    </div>
  );
}

/** What is typed is kept at once, as one step of the history. */
function Writing({ id, note }: { readonly id: string; readonly note: Note }) {
  const t = useText();
  const field = useRef<HTMLTextAreaElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const ends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (!ends && event.key !== "Escape") return;
    event.stopPropagation();
    write(null);
    requestAnimationFrame(() => drawnBox(id)?.focus({ preventScroll: true }));
  };
  const onBlur = useFirstFocus(field, () => {
    seal();
    write(null);
  });
  return (
    <textarea
      ref={field}
      className="editing-note-text nodrag nopan nowheel"
      defaultValue={note.text}
      placeholder={t("editing.noteHelp")}
      aria-label={t("editing.noteText")}
      onChange={(event) => setText(id, event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
    />
  );
}
