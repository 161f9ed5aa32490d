/** What the server finds wrong, by its codes. In English its own message is shown. */

import type { Texts } from "./catalogue";

export const problems = {
  "problem.required_input_missing": {
    en: "a value or a link ({expected}) is needed",
    de: "hier fehlt ein Wert oder eine Verbindung ({expected})",
  },
  "problem.bad_linked_input": {
    en: "expected a link to {expected}, got the value {got}",
    de: "erwartet wird eine Verbindung ({expected}), da steht aber der Wert {got}",
  },
  "problem.link_to_missing_node": {
    en: "linked to the node {got}, which is not there",
    de: "verbunden mit dem Knoten {got}, den es nicht gibt",
  },
  "problem.link_to_missing_output": {
    en: "linked to the output {got}; there are: {expected}",
    de: "verbunden mit dem Ausgang {got}; es gibt: {expected}",
  },
  "problem.type_mismatch": {
    en: "expected {expected}, but {got} is linked",
    de: "erwartet wird {expected}, verbunden ist {got}",
  },
  "problem.unknown_input": {
    en: "there is no input {got}; there are: {expected}",
    de: "den Eingang {got} gibt es nicht; es gibt: {expected}",
  },
  "problem.invalid_input_type": {
    en: "expected {expected}, got {got}",
    de: "erwartet wird {expected}, da steht {got}",
  },
  "problem.value_not_in_list": {
    en: "{got} is not one of: {expected}",
    de: "{got} ist keines von: {expected}",
  },
  "problem.missing_model": {
    en: "the model {got} is not installed; there are: {expected}",
    de: "das Modell {got} ist nicht installiert; es gibt: {expected}",
  },
  "problem.missing_input_file": {
    en: "there is no input file {got}",
    de: "die Eingabedatei {got} gibt es nicht",
  },
  "problem.value_smaller_than_min": {
    en: "{got} is too small: {expected}",
    de: "{got} ist zu klein: {expected}",
  },
  "problem.value_bigger_than_max": {
    en: "{got} is too large: {expected}",
    de: "{got} ist zu groß: {expected}",
  },
  "problem.missing_node_type": {
    en: "the node type {got} is not installed",
    de: "der Knotentyp {got} ist nicht installiert",
  },
  "problem.dependency_cycle": {
    en: "these nodes feed each other: {got}",
    de: "diese Knoten speisen sich im Kreis: {got}",
  },
  "problem.newer_node_version": {
    en: "the file uses version {got}, installed is {expected}",
    de: "die Datei braucht Version {got}, installiert ist {expected}",
  },
  "problem.no_outputs": {
    en: "nothing saves or shows a result",
    de: "kein Knoten speichert oder zeigt ein Ergebnis, und keine Ausgabe ist deklariert",
  },
  "problem.missing_output": {
    en: "there is no output {got}",
    de: "die Ausgabe {got} gibt es nicht",
  },
  "problem.missing_node": {
    en: "the node {got} is not there",
    de: "den Knoten {got} gibt es nicht",
  },
} satisfies Texts;
