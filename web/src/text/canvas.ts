/** Texts of the canvas. */

import type { Texts } from "./catalogue";

export const canvas = {
  "canvas.view": { en: "View", de: "Ansicht" },
  "canvas.zoomIn": { en: "Zoom in", de: "Vergrößern" },
  "canvas.zoomOut": { en: "Zoom out", de: "Verkleinern" },
  "canvas.fit": { en: "Show everything", de: "Alles zeigen" },
  "canvas.snap": { en: "Snap to the grid", de: "Am Raster ausrichten" },
  "canvas.minimap": { en: "Overview map", de: "Übersichtskarte" },
  "canvas.select": { en: "Select with a frame", de: "Mit Rahmen auswählen" },
  "command.view.fit": { en: "Show everything", de: "Alles zeigen" },
  "command.view.fitSelection": { en: "Show the selection", de: "Auswahl zeigen" },
  "command.view.zoomIn": { en: "Zoom in", de: "Vergrößern" },
  "command.view.zoomOut": { en: "Zoom out", de: "Verkleinern" },
  "command.view.select": {
    en: "Dragging selects or pans",
    de: "Ziehen wählt aus oder verschiebt",
  },
  "command.view.minimap": { en: "Overview map", de: "Übersichtskarte" },
  "command.view.snap": { en: "Snap to the grid", de: "Am Raster ausrichten" },
  "edit.move": { en: "Move", de: "Verschieben" },
  "edit.resize": { en: "Resize", de: "Größe ändern" },
  "edit.reroute": { en: "Move a reroute", de: "Umleitung verschieben" },
  "canvas.graph": { en: "Workflow graph", de: "Graph des Workflows" },
  "canvas.nodeKeys": {
    en: "Arrow keys go to the next node, with Control they move this one; Enter goes to its fields, Escape back.",
    de: "Pfeiltasten führen zum nächsten Knoten, mit Strg bewegen sie diesen; Eingabe führt in seine Felder, Escape zurück.",
  },
  "canvas.moved": { en: "Moved to {x}, {y}", de: "Bewegt nach {x}, {y}" },
  "canvas.link": { en: "link", de: "Verbindung" },
  "canvas.input": { en: "{name}: {type}, needed", de: "{name}: {type}, nötig" },
  "canvas.inputOptional": { en: "{name}: {type}", de: "{name}: {type}" },
  "canvas.inputLacking": {
    en: "{name}: {type}, needed but not linked",
    de: "{name}: {type}, nötig, aber nicht verbunden",
  },
  "canvas.inputBroken": {
    en: "{name} is linked to {from}, which does not exist",
    de: "{name} ist mit {from} verbunden, das es nicht gibt",
  },
  "canvas.port": { en: "{label} (port)", de: "{label} (Anschluss)" },
  "canvas.output": { en: "{name}: {type}", de: "{name}: {type}" },
  "canvas.muted": { en: "Muted: it never runs", de: "Stumm: läuft nie" },
  "canvas.bypassed": {
    en: "Bypassed: its inputs are handed on",
    de: "Überbrückt: seine Eingänge werden weitergereicht",
  },
  "canvas.subgraph": {
    en: "A subgraph; double-click to open it",
    de: "Ein Subgraph; Doppelklick öffnet ihn",
  },
  "canvas.seconds": { en: "{seconds} s", de: "{seconds} s" },
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
