/** Texts of running workflows. */

import type { Texts } from "./catalogue";

export const running = {
  "command.run.queue": { en: "Run", de: "Ausführen" },
  "command.run.many": { en: "Run many times…", de: "Mehrmals ausführen …" },
  "command.run.here": { en: "Run up to the selected nodes", de: "Bis zur Auswahl ausführen" },
  "command.run.live": {
    en: "Run again after each change",
    de: "Nach jeder Änderung neu ausführen",
  },
  "command.run.check": { en: "Check for problems", de: "Auf Probleme prüfen" },
  "command.run.cancel": { en: "Stop", de: "Anhalten" },
  "command.run.cancelAll": { en: "Stop everything of mine", de: "Alles von mir anhalten" },
  "running.run": { en: "Run", de: "Ausführen" },
  "running.otherWays": { en: "Other ways to run", de: "Anders ausführen" },
  "running.refused": {
    en: "It cannot run yet: {count} problem(s), shown on the nodes",
    de: "So kann es nicht laufen: {count} Problem(e), siehe Knoten",
  },
  "running.noProblems": { en: "No problems found", de: "Keine Probleme gefunden" },
  "running.showProblems": { en: "Show", de: "Zeigen" },
  "running.showResult": { en: "Show", de: "Zeigen" },
  "running.succeeded": { en: "{name}: done", de: "{name}: fertig" },
  "running.failed": { en: "{name} failed: {message}", de: "{name} ist gescheitert: {message}" },
  "running.queued": { en: "{count} runs queued", de: "{count} Läufe eingereiht" },
  "running.waiting": { en: "{count} waiting", de: "{count} warten" },
  "running.progress": { en: "Progress of the run", de: "Fortschritt des Laufs" },
  "running.showQueue": { en: "{state}. Show the queue", de: "{state}. Warteschlange zeigen" },
  "running.many.title": { en: "Run many times", de: "Mehrmals ausführen" },
  "running.many.count": { en: "How many runs", de: "Wie viele Läufe" },
  "running.many.start": { en: "Queue {count}", de: "{count} einreihen" },
  "running.many.random": { en: "A new seed each run", de: "Jedes Mal ein neuer Seed" },
  "running.many.increment": { en: "One more each run", de: "Jedes Mal um eins mehr" },
  "running.many.keep": { en: "Keep it", de: "Beibehalten" },
  "running.many.still": {
    en: "No seed changes: every run would give the same result, reused from the first.",
    de: "Kein Seed ändert sich: jeder Lauf ergäbe dasselbe, wiederverwendet vom ersten.",
  },
  "running.preview": { en: "Preview of what it makes", de: "Vorschau auf das Entstehende" },
  "running.enlarge": { en: "{name}: show large", de: "{name}: groß zeigen" },
} satisfies Texts;
