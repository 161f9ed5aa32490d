/** Texts of the large view of results. */

import type { Texts } from "./catalogue";

export const viewer = {
  "viewer.title": { en: "Results, large", de: "Ergebnisse, groß" },
  "viewer.previous": { en: "Previous", de: "Vorheriges" },
  "viewer.next": { en: "Next", de: "Nächstes" },
  "viewer.count": { en: "{at} of {count}", de: "{at} von {count}" },
  "viewer.compare": { en: "Compare with another", de: "Mit einem anderen vergleichen" },
  "viewer.split": {
    en: "Where {left} ends and {right} begins",
    de: "Wo {left} endet und {right} beginnt",
  },
  "viewer.zoomIn": { en: "Zoom in", de: "Vergrößern" },
  "viewer.zoomOut": { en: "Zoom out", de: "Verkleinern" },
  "viewer.whole": { en: "Show the whole", de: "Ganz zeigen" },
  "viewer.send": { en: "Send to an input…", de: "An einen Eingang senden …" },
  "viewer.sendNowhere": {
    en: "Send to an input: no node of the open workflow takes such a file",
    de: "An einen Eingang senden: kein Knoten des offenen Workflows nimmt so eine Datei",
  },
  "viewer.download": { en: "Download", de: "Herunterladen" },
  "viewer.workflow": { en: "Open its workflow", de: "Seinen Workflow öffnen" },
  "viewer.facts": { en: "What it was made with", de: "Womit es entstand" },
  "viewer.forgotten": {
    en: "The job that made it is forgotten.",
    de: "Der Auftrag, der es gemacht hat, ist vergessen.",
  },
  "viewer.strip": { en: "All results", de: "Alle Ergebnisse" },
  "viewer.stripBeside": {
    en: "All results: choose the one to compare with",
    de: "Alle Ergebnisse: womit soll verglichen werden?",
  },
} satisfies Texts;
