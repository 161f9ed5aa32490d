/** Texts of the page around the canvas. */

import type { Texts } from "./catalogue";

export const shell = {
  "command.view.settings": { en: "Settings…", de: "Einstellungen …" },
  "command.help.shortcuts": { en: "Keyboard shortcuts…", de: "Tastenkürzel …" },
  "command.help.about": { en: "About", de: "Über" },
  "shell.menu": { en: "Menu", de: "Menü" },
  "shell.menu.file": { en: "File", de: "Datei" },
  "shell.menu.edit": { en: "Edit", de: "Bearbeiten" },
  "shell.menu.view": { en: "View", de: "Ansicht" },
  "shell.menu.run": { en: "Run", de: "Ausführen" },
  "shell.menu.help": { en: "Help", de: "Hilfe" },
  "shell.skip": { en: "Skip to the canvas", de: "Zur Arbeitsfläche springen" },
  "shell.canvas": { en: "Canvas", de: "Arbeitsfläche" },
  "shell.panels": { en: "Panels", de: "Seitenleisten" },
  "shell.resize": { en: "Change the size of the panel", de: "Größe der Seitenleiste ändern" },
  "shell.closePanel": { en: "Close the panel", de: "Seitenleiste schließen" },
  "shell.messages": { en: "Messages", de: "Meldungen" },
  "shell.connected": { en: "Connected to the server", de: "Mit dem Server verbunden" },
  "shell.disconnected": { en: "No connection", de: "Keine Verbindung" },
} satisfies Texts;
