/** Files that are pasted into a widget, dropped on it or chosen for it, on their way to the server. */

import { type ClipboardEvent, type DragEvent, useState } from "react";
import { ApiError } from "../api/client";
import { here, type Spot } from "../store/documents";
import { tellError, toast } from "../store/toasts";
import { t } from "../text/catalogue";
import { fits, upload } from "./files";

export function useTaking(kind: string, take: (name: string, spot: Spot) => void) {
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  const give = (files: FileList | null) => {
    const file = files?.[0];
    if (file === undefined) return;
    if (!fits(kind, file)) {
      toast({ kind: "error", text: t("widgets.file.wrongKind", { name: file.name, kind }) });
      return;
    }
    setBusy(true);
    const spot = here();
    void send(file, (name) => take(name, spot)).finally(() => setBusy(false));
  };
  const dragged = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    // What is dropped here is for this field, not for the canvas.
    event.preventDefault();
    event.stopPropagation();
    setOver(true);
  };
  const events = {
    onDragEnter: dragged,
    onDragOver: dragged,
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      give(event.dataTransfer.files);
    },
    onPaste: (event: ClipboardEvent) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      give(event.clipboardData.files);
    },
  };
  return { busy, over, give, events };
}

async function send(file: File, take: (name: string) => void): Promise<void> {
  try {
    const made = await upload(file, file.name);
    take(made.name);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message } = error;
    tellError(error, t("widgets.file.refused", { name: file.name, message }));
  }
}
