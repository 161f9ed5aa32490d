/** Texts of the page around the canvas. */

import type { Texts } from "./catalogue";

export const shell = {
  "command.view.settings": { en: "Settings…", de: "Einstellungen …" },
  "command.help.shortcuts": { en: "Keyboard shortcuts…", de: "Tastenkürzel …" },
  "command.help.about": { en: "About", de: "Über" },
  "shell.menu": { en: "Menu", de: "Menü" },
  "shell.menu.file": { en: "File", de: "Datei" },
  "shell.menu.edit": { en: "Edit", de: "Bearbeiten" },
  "shell.menu.node": { en: "Node", de: "Knoten" },
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
  "shell.broken": {
    en: "This part of the page has failed. Your workflow is safe, and the rest goes on.",
    de: "Dieser Teil der Seite ist ausgefallen. Der Workflow ist sicher, und der Rest läuft weiter.",
  },
  "shell.again": { en: "Show it again", de: "Noch einmal zeigen" },
  "settings.title": { en: "Settings", de: "Einstellungen" },
  "settings.theme": { en: "Look", de: "Aussehen" },
  "settings.theme.system": { en: "As the system", de: "Wie das System" },
  "settings.theme.light": { en: "Light", de: "Hell" },
  "settings.theme.dark": { en: "Dark", de: "Dunkel" },
  "settings.theme.contrast": { en: "High contrast", de: "Hoher Kontrast" },
  "settings.language": { en: "Language", de: "Sprache" },
  "settings.motion": {
    en: "Movement is reduced where the system asks for it. Settings hold for this browser.",
    de: "Bewegung wird verringert, wo das System es verlangt. Einstellungen gelten für diesen Browser.",
  },
  "shortcuts.title": { en: "Keyboard shortcuts", de: "Tastenkürzel" },
  "shortcuts.search": { en: "Find a command", de: "Befehl suchen" },
  "shortcuts.resetAll": { en: "Reset all", de: "Alle zurücksetzen" },
  "shortcuts.reset": { en: "Reset “{name}”", de: "„{name}“ zurücksetzen" },
  "shortcuts.none": { en: "No keys for “{name}”", de: "Keine Tasten für „{name}“" },
  "shortcuts.change": { en: "{name}: {keys}, change", de: "{name}: {keys}, ändern" },
  "shortcuts.press": { en: "{name}: press new keys", de: "{name}: neue Tasten drücken" },
  "shortcuts.pressShort": { en: "Press keys…", de: "Tasten drücken …" },
  "shortcuts.clash": { en: "Also: {names}", de: "Auch: {names}" },
  "about.title": { en: "About nodegraph", de: "Über nodegraph" },
  "about.what": {
    en: "A graph of nodes makes a picture: each node takes values, does one thing, and hands its result on.",
    de: "Ein Graph aus Knoten erzeugt ein Bild: jeder Knoten nimmt Werte, tut eine Sache und gibt sein Ergebnis weiter.",
  },
  "about.add": {
    en: "Add a node: double-click the canvas, or press Space or Tab.",
    de: "Knoten hinzufügen: Doppelklick auf die Fläche, oder Leertaste oder Tab.",
  },
  "about.connect": {
    en: "Connect: drag from a socket to another; on the empty canvas, only nodes that fit are offered.",
    de: "Verbinden: von einem Anschluss zum anderen ziehen; auf leerer Fläche werden nur passende Knoten angeboten.",
  },
  "about.run": { en: "Run: {run}.", de: "Ausführen: {run}." },
  "about.commands": {
    en: "Every command by name: {commands}.",
    de: "Jeder Befehl beim Namen: {commands}.",
  },
  "about.pan": {
    en: "Move the view by dragging the canvas or with two fingers; zoom with the wheel or by pinching.",
    de: "Ansicht verschieben: Fläche oder mit zwei Fingern ziehen; Zoom mit dem Rad oder zwei Fingern.",
  },
  "about.menu": {
    en: "Nodes, links and fields have menus: right-click, or hold a finger on them.",
    de: "Knoten, Verbindungen und Felder haben Menüs: Rechtsklick, oder den Finger darauf halten.",
  },
  "about.nodes": {
    en: "{count} node types are installed.",
    de: "{count} Knotentypen sind installiert.",
  },
  "about.private": {
    en: "This page talks to its own server and to nothing else.",
    de: "Diese Seite spricht mit ihrem eigenen Server und mit nichts sonst.",
  },
} satisfies Texts;
