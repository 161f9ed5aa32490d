/** Listening to what the browser says is pasted. */

import { middle } from "../canvas/view";
import { openFiles } from "../keeping/opening";
import { pointerOnCanvas } from "../palette/pointer";
import { openTab } from "../store/documents";
import { selectedNodes } from "../store/selection";
import { useView } from "../store/view";
import { pasteText } from "./clipboard";
import { kept } from "./system";

const FIELD = "input, textarea, select, [contenteditable='true'], [role='dialog'], [role='menu']";

/** Returns the function that ends it. */
export function listenToPaste(): () => void {
  let shift = false;
  const stop = new AbortController();
  const { signal } = stop;
  const note = (event: KeyboardEvent) => {
    shift = event.shiftKey;
  };
  window.addEventListener("keydown", note, { signal, capture: true });
  document.addEventListener(
    "paste",
    (event) => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.defaultPrevented || target.closest(FIELD)) return;
      if (useView.getState().page !== "graph") return;
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) {
        event.preventDefault();
        const nodes = [...selectedNodes()];
        void openFiles(files, openTab, { nodes, at: pointerOnCanvas() ?? middle(), free: true });
        return;
      }
      const text = event.clipboardData?.getData("text/plain") || kept();
      if (pasteText(text, shift)) event.preventDefault();
    },
    { signal },
  );
  return () => stop.abort();
}
