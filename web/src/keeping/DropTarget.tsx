/** Files that are dropped on the page are opened, unless what is under them takes them. */

import { useEffect, useState } from "react";
import { useText } from "../text/catalogue";
import { openFiles } from "./opening";

export function DropTarget() {
  const t = useText();
  const over = useFileDrops();
  return over ? <div className="keeping-drop">{t("keeping.dropHere")}</div> : null;
}

function useFileDrops(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const drag = (event: DragEvent) => {
      const ours = hasFiles(event) && !event.defaultPrevented;
      setOver(ours);
      if (ours) event.preventDefault();
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      void openFiles([...(event.dataTransfer?.files ?? [])]);
    };
    document.addEventListener("dragover", drag);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", drag);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);
  return over;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
