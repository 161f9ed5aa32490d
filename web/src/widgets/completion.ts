/** Names of embeddings in prompts: `embedding:` and what of the name is there already. */

export interface Begun {
  /** Where the name begins. */
  readonly start: number;
  readonly end: number;
  readonly part: string;
}

const BEGUN = /(?:^|[\s,(:[])embedding:([^\s,():[\]]*)$/i;
const MOST = 50;

/** The name before a place in the text, if one is being written there. */
export function begunName(text: string, at: number): Begun | undefined {
  const part = BEGUN.exec(text.slice(0, at))?.[1];
  if (part === undefined) return undefined;
  const rest = /^[^\s,():[\]]*/.exec(text.slice(at))?.[0] ?? "";
  return { start: at - part.length, end: at + rest.length, part };
}

/** Names that hold what was typed: those that begin with it come first. */
export function namesLike(part: string, names: readonly string[]): readonly string[] {
  const wanted = part.toLowerCase();
  const holding = names.filter((name) => name.toLowerCase().includes(wanted));
  const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return holding.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}

/** As prompts write them: without the ending of the file. */
export function bareNames(files: readonly string[]): readonly string[] {
  return files.map((name) => name.replace(/\.(safetensors|pt|pth|bin|ckpt)$/i, ""));
}
