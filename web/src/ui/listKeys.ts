/** The keys that go through a list of choices. */

const PAGE = 8;

/** Where a key goes from what is marked (-1: nothing is); undefined for keys that go nowhere. */
export function destination(key: string, marked: number, last: number): number | undefined {
  if (key === "ArrowDown") return marked >= last ? 0 : marked + 1;
  if (key === "ArrowUp") return marked <= 0 ? last : marked - 1;
  if (key === "PageDown") return Math.min(last, marked + PAGE);
  if (key === "PageUp") return Math.max(0, marked - PAGE);
  return undefined;
}
