/** Files that are dropped on the page are opened, unless what is under them takes them. */

import { useEffect, useState } from "react";
import { flowInstance, middle } from "../canvas/view";
import type { Onto } from "../editing/media";
import { openTab } from "../store/documents";
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
      const files = [...(event.dataTransfer?.files ?? [])];
      void openFiles(files, openTab, ontoPoint(event));
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

/** The node that lies there, and the place on the canvas: its middle for what is beside it. */
function ontoPoint({ target, clientX, clientY }: DragEvent): Onto | undefined {
  const over = target instanceof Element ? target : null;
  const flow = flowInstance();
  if (flow === null) return undefined;
  if (!over?.closest(".react-flow")) return { nodes: [], at: middle(), free: true };
  const node = over.closest<HTMLElement>("[data-node]")?.dataset.node;
  const at = flow.screenToFlowPosition({ x: clientX, y: clientY });
  return { nodes: node === undefined ? [] : [node], at };
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
