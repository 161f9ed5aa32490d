/** Texts of the canvas. */

import type { Texts } from "./catalogue";

export const canvas = {
  "canvas.view": { en: "View", de: "Ansicht" },
  "canvas.zoomIn": { en: "Zoom in", de: "Vergrößern" },
  "canvas.zoomOut": { en: "Zoom out", de: "Verkleinern" },
  "canvas.fit": { en: "Show everything", de: "Alles zeigen" },
  "canvas.snap": { en: "Snap to the grid", de: "Am Raster ausrichten" },
  "canvas.minimap": { en: "Overview map", de: "Übersichtskarte" },
  "canvas.missing": {
    en: "The node type {type} is not installed. Everything it holds is kept.",
    de: "Der Knotentyp {type} ist nicht installiert. Alles, was er enthält, bleibt erhalten.",
  },
  "canvas.status.running": { en: "Runs", de: "Läuft" },
  "canvas.status.ran": { en: "Ran", de: "Gelaufen" },
  "canvas.status.reused": { en: "Reused", de: "Wiederverwendet" },
  "canvas.status.skipped": { en: "Skipped", de: "Übersprungen" },
  "canvas.status.failed": { en: "Failed", de: "Fehlgeschlagen" },
  "canvas.status.canceled": { en: "Canceled", de: "Abgebrochen" },
} satisfies Texts;
