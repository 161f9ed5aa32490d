/** Sums that are typed into number fields; whole numbers of any size stay exact. */

export type Figure = number | bigint;

const TOKEN = /\s*(\d+(?:[.,]\d*)?(?:e[-+]?\d+)?|[.,]\d+(?:e[-+]?\d+)?|\*\*|[-+*/%^()])\s*/iy;
/** Powers beyond this would only fill the memory. */
const HIGHEST_POWER = 1024n;

/** What a text such as `512*1.5` comes to; undefined where it is no sum. A comma is a point. */
export function evaluate(text: string): Figure | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined || tokens.length === 0) return undefined;
  const reader = new Reader(tokens);
  try {
    const found = reader.sum();
    if (!reader.done || (typeof found === "number" && !Number.isFinite(found))) return undefined;
    return plain(found);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A number where a double holds it exactly. */
export function plain(value: Figure): Figure {
  if (typeof value === "number") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) return undefined;
    tokens.push(found);
  }
  return tokens;
}

/** One rule of the grammar for each level of binding. */
class Reader {
  private at = 0;
  private readonly tokens: readonly string[];

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  get done(): boolean {
    return this.at === this.tokens.length;
  }

  sum(): Figure {
    let left = this.product();
    for (let sign = this.take("+", "-"); sign; sign = this.take("+", "-")) {
      left = apply(sign, left, this.product());
    }
    return left;
  }

  private product(): Figure {
    let left = this.signed();
    for (let sign = this.take("*", "/", "%"); sign; sign = this.take("*", "/", "%")) {
      left = apply(sign, left, this.signed());
    }
    return left;
  }

  private signed(): Figure {
    const sign = this.take("-", "+");
    if (sign === undefined) return this.power();
    return sign === "-" ? apply("-", 0n, this.signed()) : this.signed();
  }

  private power(): Figure {
    const base = this.atom();
    return this.take("**", "^") ? apply("^", base, this.signed()) : base;
  }

  private atom(): Figure {
    if (this.take("(")) {
      const inner = this.sum();
      if (!this.take(")")) throw new SyntaxError("a bracket is open");
      return inner;
    }
    const token = this.tokens[this.at] ?? "";
    if (!/^[\d.,]/.test(token)) throw new SyntaxError("a number is missing");
    this.at += 1;
    return /^\d+$/.test(token) ? BigInt(token) : Number(token.replace(",", "."));
  }

  private take(...wanted: string[]): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.at += 1;
    return token;
  }
}

function apply(sign: string, a: Figure, b: Figure): Figure {
  if (typeof a === "bigint" && typeof b === "bigint") {
    const exact = whole(sign, a, b);
    if (exact !== undefined) return exact;
  }
  return broken(sign, Number(a), Number(b));
}

function whole(sign: string, a: bigint, b: bigint): bigint | undefined {
  if (sign === "+") return a + b;
  if (sign === "-") return a - b;
  if (sign === "*") return a * b;
  if (sign === "^") return b >= 0n && b <= HIGHEST_POWER ? a ** b : undefined;
  if (b === 0n) return undefined;
  if (sign === "%") return a % b;
  return a % b === 0n ? a / b : undefined;
}

/** Without the noise of binary fractions: 0.1 + 0.2 is 0.3. */
function broken(sign: string, a: number, b: number): number {
  const made = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "%": a % b }[sign] ?? a ** b;
  return Number(made.toPrecision(15));
}
