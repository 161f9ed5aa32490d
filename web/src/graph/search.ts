/** Finding things by what a person types: start of the name, then of a word, then anything near. */

/** What is looked in, the weightiest first. */
export interface Field {
  readonly text: string;
  /** From 0 to 1: how much a hit here counts. */
  readonly weight: number;
  /** Whether letters may be left out or mistaken; not for long texts, where everything would fit. */
  readonly fuzzy: boolean;
}

/** More than the start of a name that weighs more: another name of it was typed in full. */
const ALL = 150;
const START = 100;
const WORD = 80;
const INSIDE = 55;
const SCATTERED = 40;
const MISTAKEN = 30;

/** 0 if some word of the query is nowhere; otherwise higher is better. */
export function score(query: string, fields: readonly Field[]): number {
  const words = plain(query).split(/\s+/).filter(Boolean);
  let sum = 0;
  for (const word of words) {
    const best = Math.max(0, ...fields.map((field) => field.weight * hit(word, field)));
    if (best === 0) return 0;
    sum += best;
  }
  return words.length > 0 ? sum / words.length : 1;
}

function hit(word: string, { text, fuzzy }: Field): number {
  const whole = plain(text);
  // Long texts hold all signs; a sign alone is looked for in names.
  if (!fuzzy && !/[\p{L}\p{N}]/u.test(word)) return 0;
  // The shorter the text, the more of it was meant.
  const share = 4 * Math.min(1, word.length / Math.max(1, whole.length));
  if (whole === word) return ALL;
  if (whole.startsWith(word)) return START + share;
  const words = wordsOf(text);
  const begun = [...words, ...behindInitials(text)];
  if (begun.some((one) => one.startsWith(word))) return WORD + share;
  if (whole.includes(word)) return INSIDE + share;
  if (!fuzzy) return 0;
  const joined = words.join("");
  if (joined.startsWith(word)) return WORD + share;
  const spread = scattered(word, words);
  if (spread > 0) return SCATTERED * spread + share;
  return word.length > 3 && words.some((one) => nearly(word, one)) ? MISTAKEN + share : 0;
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What follows initials: `KGauss` -> gauss. */
function behindInitials(text: string): string[] {
  return (text.match(/(?<=[A-Z])[A-Z][a-z]+/g) ?? []).map(plain);
}

/** `GaussianBlurMap` -> gaussian, blur, map; also at spaces and signs, and between digits. */
function wordsOf(text: string): string[] {
  const parted = text.replace(/([a-z\d])([A-Z])/g, "$1 $2").replace(/([a-zA-Z])(\d)/g, "$1 $2");
  return plain(parted)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Whether all letters come in this order: from 0 to 1, more where they begin words or follow. */
function scattered(word: string, words: readonly string[]): number {
  const text = words.join(" ");
  let from = 0;
  let good = 0;
  for (const letter of word) {
    const place = text.indexOf(letter, from);
    if (place < 0) return 0;
    if (place === from || text[place - 1] === " " || place === 0) good += 1;
    from = place + 1;
  }
  const share = good / word.length;
  return share >= 0.6 ? share : 0;
}

/** Whether a word begins with another that has one letter more, less, wrong, or two exchanged. */
function nearly(word: string, other: string): boolean {
  const most = Math.min(other.length, word.length + 1);
  for (let length = Math.max(3, word.length - 1); length <= most; length += 1) {
    if (oneOff(word, other.slice(0, length))) return true;
  }
  return false;
}

function oneOff(a: string, b: string): boolean {
  let first = 0;
  while (first < a.length && first < b.length && a[first] === b[first]) first += 1;
  const restA = a.slice(first);
  const restB = b.slice(first);
  if (restA.slice(1) === restB.slice(1)) return true;
  if (restA.slice(1) === restB || restA === restB.slice(1)) return true;
  const exchanged = restA[0] === restB[1] && restA[1] === restB[0];
  return exchanged && restA.slice(2) === restB.slice(2);
}

/** Those that fit a query, the best first; among equals in the order given. */
export function ranked<T>(
  query: string,
  things: readonly T[],
  fieldsOf: (thing: T) => readonly Field[],
  bonus: (thing: T) => number = () => 0,
): T[] {
  const scored = things.map((thing, place) => {
    const found = score(query, fieldsOf(thing));
    return { thing, place, score: found > 0 ? found + bonus(thing) : 0 };
  });
  return scored
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score || a.place - b.place)
    .map((one) => one.thing);
}
