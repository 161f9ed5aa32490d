/** The templates that come with the package; what others are called, their files say. */

import type { Texts } from "./catalogue";

export const templates = {
  "template.txt2img": { en: "Text to image", de: "Text zu Bild" },
  "template.txt2img.about": {
    en: "A picture from a description in words.",
    de: "Ein Bild aus einer Beschreibung in Worten.",
  },
  "template.batch-of-seeds": { en: "Batch of seeds", de: "Mehrere Seeds" },
  "template.batch-of-seeds.about": {
    en: "Several pictures of the same description, side by side.",
    de: "Mehrere Bilder derselben Beschreibung nebeneinander.",
  },
  "template.img2img": { en: "Image to image", de: "Bild zu Bild" },
  "template.img2img.about": {
    en: "A picture drawn anew from words and another picture, as far from it as you like.",
    de: "Ein Bild, neu gezeichnet aus Worten und einem anderen Bild, so weit davon entfernt wie gewünscht.",
  },
  "template.prompt-interpolation": { en: "Prompt interpolation", de: "Zwischen zwei Prompts" },
  "template.prompt-interpolation.about": {
    en: "Steps from one description to another.",
    de: "Schritte von einer Beschreibung zur anderen.",
  },
  "template.strong-guidance": { en: "Strong guidance", de: "Starke Führung" },
  "template.strong-guidance.about": {
    en: "Guidance so strong that it burns, and step by step what keeps it from that.",
    de: "Führung, so stark, dass Farben ausbrennen, und Schritt für Schritt, was das verhindert.",
  },
  "template.edit-by-inversion": { en: "Edit by inversion", de: "Bearbeiten durch Umkehrung" },
  "template.edit-by-inversion.about": {
    en: "A picture traced back to its noise, and drawn from it again with other words.",
    de: "Ein Bild, auf sein Rauschen zurückgeführt und mit anderen Worten neu daraus gezeichnet.",
  },
  "template.denoising-film": { en: "Film of the denoising", de: "Film des Entrauschens" },
  "template.denoising-film.about": {
    en: "What the model sees at every step on the way from noise to a picture, as an animation.",
    de: "Was das Modell bei jedem Schritt vom Rauschen zum Bild sieht, als Animation.",
  },
  "template.forward-process": { en: "The way to noise", de: "Der Weg zum Rauschen" },
  "template.forward-process.about": {
    en: "A picture with ever more noise, as the model was trained on it, side by side.",
    de: "Ein Bild mit immer mehr Rauschen, wie das Modell damit trainiert wurde, nebeneinander.",
  },
  "template.outpaint": { en: "Outpaint", de: "Über den Rand malen" },
  "template.outpaint.about": {
    en: "A picture continued beyond its edge.",
    de: "Ein Bild, über seinen Rand hinaus fortgesetzt.",
  },
  "template.hires-fix": { en: "Hires fix", de: "In zwei Größen" },
  "template.hires-fix.about": {
    en: "A picture made small first and then larger, with more detail.",
    de: "Ein Bild, erst klein gemacht und dann größer, mit mehr Einzelheiten.",
  },
  "template.inpaint": { en: "Inpaint", de: "Teile ersetzen" },
  "template.inpaint.about": {
    en: "Part of a picture, marked by a mask, replaced by something else.",
    de: "Ein Teil eines Bildes, mit einer Maske markiert, durch etwas anderes ersetzt.",
  },
} satisfies Texts;
