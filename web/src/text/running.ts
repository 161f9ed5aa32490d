/** Texts of running workflows. */

import type { Texts } from "./catalogue";

export const running = {
  "command.run.queue": { en: "Run", de: "Ausführen" },
  "command.run.cancel": { en: "Stop", de: "Anhalten" },
  "running.refused": {
    en: "It cannot run yet: {count} problem(s), shown on the nodes",
    de: "So kann es nicht laufen: {count} Problem(e), siehe Knoten",
  },
} satisfies Texts;
