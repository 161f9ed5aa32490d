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
  "running.notQueued": {
    en: "The run was not queued: the server did not answer",
    de: "Der Lauf wurde nicht eingereiht: Der Server hat nicht geantwortet",
  },
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
  "running.many.fault": {
    en: "A whole number from 1 to {most}",
    de: "Eine ganze Zahl von 1 bis {most}",
  },
  "running.many.random": { en: "A new seed each run", de: "Jedes Mal ein neuer Seed" },
  "running.many.increment": { en: "One more each run", de: "Jedes Mal um eins mehr" },
  "running.many.keep": { en: "Keep it", de: "Beibehalten" },
  "running.many.still": {
    en: "No seed changes: every run would give the same result, reused from the first.",
    de: "Kein Seed ändert sich: jeder Lauf ergäbe dasselbe, wiederverwendet vom ersten.",
  },
  "running.preview": { en: "Preview of what it makes", de: "Vorschau auf das Entstehende" },
  "running.enlarge": { en: "{name}: show large", de: "{name}: groß zeigen" },
  "running.reason.memory": {
    en: "nothing it needs changed; kept in memory",
    de: "nichts davon hat sich geändert; im Speicher behalten",
  },
  "running.reason.disk": {
    en: "nothing it needs changed; kept on disk",
    de: "nichts davon hat sich geändert; auf der Platte behalten",
  },
  "running.reason.first": { en: "first run", de: "erster Lauf" },
  "running.reason.evicted": {
    en: "its result had to make room in memory",
    de: "das Ergebnis musste im Speicher Platz machen",
  },
  "running.reason.unneeded": { en: "not needed", de: "nicht benötigt" },
  "running.reason.muted": { en: "muted", de: "stummgeschaltet" },
  "running.reason.bypassed": { en: "bypassed", de: "überbrückt" },
  "running.reason.volatile": {
    en: "it runs each time",
    de: "läuft jedes Mal",
  },
  "running.reason.filesGone": {
    en: "the files it made are gone or belong elsewhere",
    de: "die Dateien von damals sind weg oder gehören woandershin",
  },
  "running.reason.unfinished": {
    en: "it did not finish last time",
    de: "war beim letzten Mal nicht fertig geworden",
  },
  "running.reason.neededAgain": {
    en: "needed again, and not kept on disk",
    de: "wieder gebraucht und nicht auf der Platte behalten",
  },
  "running.reason.file": { en: "a file it reads changed", de: "eine gelesene Datei ist anders" },
  "running.reason.code": {
    en: "its code, its package or the device changed",
    de: "Code, Paket oder Gerät haben sich geändert",
  },
  "running.reason.secret": {
    en: "a secret input, its code, its package or the device changed",
    de: "ein geheimer Eingang, Code, Paket oder Gerät haben sich geändert",
  },
  "running.reason.value": {
    en: "{name} changed: {before} → {now}",
    de: "{name} geändert: {before} → {now}",
  },
  "running.reason.input": { en: "{name} changed", de: "{name} geändert" },
  "running.reason.toLink": { en: "{name} is linked now", de: "{name} ist jetzt verbunden" },
  "running.reason.fromLink": {
    en: "{name} was linked and is {now} now",
    de: "{name} war verbunden und ist jetzt {now}",
  },
} satisfies Texts;
