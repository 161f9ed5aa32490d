/** Words that every part uses. */

import type { Texts } from "./catalogue";

export const common = {
  "common.cancel": { en: "Cancel", de: "Abbrechen" },
  "common.close": { en: "Close", de: "Schließen" },
  "common.done": { en: "Done", de: "Fertig" },
  "common.delete": { en: "Delete", de: "Löschen" },
  "common.save": { en: "Save", de: "Speichern" },
  "command.edit.undo": { en: "Undo", de: "Rückgängig" },
  "command.edit.redo": { en: "Redo", de: "Wiederholen" },
  "common.untitled": { en: "Untitled", de: "Unbenannt" },
} satisfies Texts;
