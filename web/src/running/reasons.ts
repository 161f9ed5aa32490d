/** Why a node ran or did not, in the words of the server, put into those of the page. */

type Say = (key: string, values?: { readonly [name: string]: string | number }) => string;

const PHRASES: { readonly [phrase: string]: string } = {
  memory: "memory",
  "disk (earlier process)": "disk",
  "first run": "first",
  evicted: "evicted",
  "not needed": "unneeded",
  muted: "muted",
  bypassed: "bypassed",
  "volatile: never reused": "volatile",
  "the files it made are gone or belong elsewhere": "filesGone",
  "it did not finish last time": "unfinished",
  "needed again: not kept on disk": "neededAgain",
  "a file it reads changed": "file",
  "its code, its package or the device changed": "code",
  "a secret input, its code, its package or the device changed": "secret",
};

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^input '(?<name>.+)' changed from a link to (?<now>.*)$/s, "fromLink"],
  [/^input '(?<name>.+)' changed to a link$/, "toLink"],
  [/^input '(?<name>.+?)' changed (?<before>.*) -> (?<now>.*)$/s, "value"],
  [/^input '(?<name>.+)' changed$/, "input"],
];

/** What is not known is shown as it came; where several things changed, `; ` stands between. */
export function reasonText(reason: string, t: Say): string {
  const whole = one(reason, t);
  if (whole !== undefined) return whole;
  const parts = reason.split(/; (?=input '|a file it reads)/);
  return parts.map((part) => one(part, t) ?? part).join("; ");
}

function one(reason: string, t: Say): string | undefined {
  const phrase = PHRASES[reason];
  if (phrase !== undefined) return t(`running.reason.${phrase}`);
  if (reason.includes("; input '")) return undefined;
  for (const [pattern, key] of PATTERNS) {
    const found = pattern.exec(reason);
    if (found) return t(`running.reason.${key}`, found.groups ?? {});
  }
  return undefined;
}
