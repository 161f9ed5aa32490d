/** Emphasis in prompts, `(word:1.1)`, changed around a selection; the grammar is the server's. */

export interface Edited {
  readonly text: string;
  /** What to select, so that the next change goes on with the same words. */
  readonly start: number;
  readonly end: number;
}

/** A bracket with a partner. `words` is where its words end: before `:1.1`, if that is there. */
interface Group {
  readonly start: number;
  readonly close: number;
  readonly words: number;
  readonly sign: string;
  readonly explicit: number | undefined;
  /** `[a|b]` and `[a:b:0.5]`, which weaken nothing. */
  readonly choice: boolean;
}

const IMPLIED = 1.1;
const MOST = 10;
const CLOSERS: { readonly [opener: string]: string } = { "(": ")", "[": "]" };
const OPENERS: { readonly [closer: string]: string } = { ")": "(", "]": "[" };
const CHOICE = /\||:\s*(\d+|[01]?\.\d+|[01]\.)\s*$/;
const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

/** The prompt with the words around the selection weighing `step` more; as it was if there are none. */
export function changeWeight(text: string, start: number, end: number, step: number): Edited {
  const groups = groupsOf(text);
  const [from, to] = start === end ? [start, end] : trimmed(text, start, end);
  const group = from === to ? around(groups, from, to) : exactly(groups, from, to);
  if (group !== undefined) return reweighed(text, group, groups, step);
  const choosing = groups.some((one) => one.choice && one.start < from && to <= one.close);
  const [first, last] = from === to ? wordAt(text, from, choosing) : whole(groups, from, to);
  if (first === last) return { text, start, end };
  const outer = weightAround(groups, first, last);
  return written(text, first, last, text.slice(first, last), outer + step, outer);
}

function reweighed(text: string, group: Group, groups: readonly Group[], step: number): Edited {
  const outer = weightAround(
    groups.filter((one) => one !== group),
    group.start,
    group.close + 1,
  );
  const words = text.slice(group.start + 1, group.words);
  const weight = (group.explicit ?? outer * IMPLIED) + step;
  return written(text, group.start, group.close + 1, words, weight, outer);
}

/** Puts words in place of a part of the text; without a bracket where they weigh what is around. */
function written(
  text: string,
  from: number,
  to: number,
  words: string,
  weight: number,
  outer: number,
): Edited {
  const rounded = rounding(Math.min(Math.max(weight, 0), MOST));
  const bare = rounded === rounding(outer);
  const made = bare ? words : `(${words}:${rounded})`;
  const start = from + (bare ? 0 : 1);
  return {
    text: text.slice(0, from) + made + text.slice(to),
    start,
    end: start + words.length,
  };
}

function rounding(weight: number): number {
  return Math.round(weight * 100) / 100;
}

function groupsOf(text: string): Group[] {
  const open: { sign: string; at: number }[] = [];
  const found: Group[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === "\\" && "()[]".includes(text.charAt(at + 1) || " ")) at += 1;
    else if (sign in CLOSERS) open.push({ sign, at });
    else if (sign in OPENERS && open.some((one) => one.sign === OPENERS[sign])) {
      while (open.at(-1)?.sign !== OPENERS[sign]) open.pop();
      const opener = open.pop();
      if (opener) found.push(groupOf(text, opener.sign, opener.at, at));
    }
  }
  return found;
}

function groupOf(text: string, sign: string, start: number, close: number): Group {
  const colon = text.slice(start + 1, close).lastIndexOf(":") + start + 1;
  const weight = text.slice(colon + 1, close);
  const isWeight = sign === "(" && colon > start + 1 && NUMBER.test(weight);
  const choice = sign === "[" && CHOICE.test(text.slice(start + 1, close));
  return isWeight
    ? { start, close, words: colon, sign, explicit: Number(weight), choice }
    : { start, close, words: close, sign, explicit: undefined, choice };
}

/** The innermost round bracket around a place. */
function around(groups: readonly Group[], from: number, to: number): Group | undefined {
  const holding = groups.filter((g) => g.sign === "(" && g.start < from && to <= g.close);
  return holding.sort((a, b) => b.start - a.start)[0];
}

/** The bracket whose words or weight, or which itself, is what is selected. */
function exactly(groups: readonly Group[], from: number, to: number): Group | undefined {
  return groups.find(
    (group) =>
      group.sign === "(" &&
      ((group.start + 1 === from && (group.words === to || group.close === to)) ||
        (group.start === from && group.close + 1 === to) ||
        (group.explicit !== undefined && group.words <= from && to <= group.close + 1)),
  );
}

function weightAround(groups: readonly Group[], from: number, to: number): number {
  const holding = groups.filter((group) => group.start < from && to <= group.close);
  holding.sort((a, b) => a.start - b.start);
  return holding.reduce((weight, group) => {
    if (group.choice) return weight;
    if (group.sign === "[") return weight / IMPLIED;
    return group.explicit ?? weight * IMPLIED;
  }, 1);
}

/** A selection that cuts brackets in two, made larger until it holds them. */
function whole(groups: readonly Group[], from: number, to: number): [number, number] {
  let [first, last] = [from, to];
  for (let changed = true; changed; ) {
    changed = false;
    for (const { start, close, words } of groups) {
      const opened = start >= first && start < last;
      const closed = close >= first && close < last;
      const inWeight = first > start && last > words && words < close && last <= close;
      if (opened === closed && !inWeight) continue;
      first = Math.min(first, start);
      last = Math.max(last, close + 1);
      changed = true;
    }
  }
  return [first, last];
}

function trimmed(text: string, start: number, end: number): [number, number] {
  const part = text.slice(start, end);
  if (part.trim() === "") return [start, start];
  const from = start + part.length - part.trimStart().length;
  return [from, from + part.trim().length];
}

/** In a choice, its signs part words as well. */
function wordAt(text: string, at: number, choosing: boolean): [number, number] {
  const letter = choosing ? /[^\s,()[\]|:]/ : /[^\s,()[\]]/;
  const inWord = (place: number) =>
    letter.test(text.charAt(place)) ||
    (/[()[\]]/.test(text.charAt(place)) && text.charAt(place - 1) === "\\");
  let [first, last] = [at, at];
  while (first > 0 && inWord(first - 1)) first -= 1;
  while (last < text.length && inWord(last)) last += 1;
  while (last > first && /[.;!?]/.test(text.charAt(last - 1))) last -= 1;
  return [first, last];
}
