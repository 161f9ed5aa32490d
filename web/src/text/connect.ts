/** Texts of linking nodes. */

import type { Texts } from "./catalogue";

export const connect = {
  "connect.any": { en: "anything", de: "alles" },
  "connect.or": { en: "or", de: "oder" },
  "connect.listOf": { en: "list of {type}", de: "Liste von {type}" },
  "connect.itself": {
    en: "A node cannot feed itself",
    de: "Ein Knoten kann sich nicht selbst speisen",
  },
  "connect.circle": {
    en: "That would close a circle: it feeds this node already",
    de: "Das wäre ein Kreis: Dieser Knoten wird schon davon gespeist",
  },
  "connect.bothGive": {
    en: "Both are outputs: drop it on an input",
    de: "Beides sind Ausgänge: Auf einem Eingang ablegen",
  },
  "connect.bothTake": {
    en: "Both are inputs: drop it on an output",
    de: "Beides sind Eingänge: Auf einem Ausgang ablegen",
  },
  "connect.type": { en: "Takes {expected}, not {got}", de: "Nimmt {expected}, nicht {got}" },
  "connect.nothingTakes": {
    en: "No input here takes {type}",
    de: "Kein Eingang hier nimmt {type}",
  },
  "connect.nothingGives": {
    en: "No output here gives {type}",
    de: "Kein Ausgang hier gibt {type}",
  },
  "connect.mapped": {
    en: "Runs once for each of the list",
    de: "Läuft für jedes Element der Liste",
  },
  "connect.search": { en: "Drop to choose a node", de: "Ablegen, um einen Knoten zu wählen" },
  "connect.search.moved": {
    en: "Drop to choose a node; with Alt to delete the link",
    de: "Ablegen, um einen Knoten zu wählen; mit Alt, um die Verbindung zu löschen",
  },
  "connect.deletes": { en: "Drop to delete the link", de: "Ablegen, um die Verbindung zu löschen" },
  "connect.deleted": { en: "Link deleted", de: "Verbindung gelöscht" },
  "connect.linked": { en: "Linked {from} to {to}", de: "{from} mit {to} verbunden" },
  "connect.cutLinks": { en: "Links cut: {count}", de: "Verbindungen getrennt: {count}" },
  "connect.inserted": { en: "Put on the link", de: "In die Verbindung eingefügt" },
  "connect.link": { en: "Link", de: "Verbinden" },
  "connect.delete": { en: "Delete link", de: "Verbindung löschen" },
  "connect.cut": { en: "Cut links", de: "Verbindungen trennen" },
  "connect.insert": { en: "Put on a link", de: "In eine Verbindung einfügen" },
  "connect.point": { en: "Add a point to a link", de: "Punkt in eine Verbindung setzen" },
  "connect.pointLess": { en: "Remove a point of a link", de: "Punkt einer Verbindung entfernen" },
  "command.graph.connect": { en: "Connect to…", de: "Verbinden mit …" },
  "command.graph.disconnect": { en: "Disconnect all", de: "Alle Verbindungen lösen" },
  "command.graph.unlink": { en: "Delete link", de: "Verbindung löschen" },
  "command.graph.insert": { en: "Insert a node on the link…", de: "Knoten in die Verbindung …" },
  "command.graph.reroute": {
    en: "Add a point to the link (double-click it)",
    de: "Punkt in die Verbindung setzen (Doppelklick darauf)",
  },
  "command.graph.replace": { en: "Replace the node…", de: "Knoten ersetzen …" },
  "connect.which": { en: "Which socket of {node}?", de: "Welcher Anschluss von {node}?" },
  "connect.toInput": {
    en: "Connect {name} of {node} to…",
    de: "{name} von {node} verbinden mit …",
  },
  "connect.toOutput": { en: "Feed {name} of {node} from…", de: "{name} von {node} speisen aus …" },
  "connect.inputs": { en: "Inputs", de: "Eingänge" },
  "connect.outputs": { en: "Outputs", de: "Ausgänge" },
  "connect.instead": { en: "instead of {node}", de: "statt {node}" },
  "connect.cutThis": { en: "Disconnect", de: "Verbindung lösen" },
  "connect.toNew": { en: "A new node…", de: "Ein neuer Knoten …" },
} satisfies Texts;
