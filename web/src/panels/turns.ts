/** Where a waiting job goes when it is moved by one place. */

interface Waiting {
  readonly id: string;
  readonly priority?: number;
}

/**
 * The job that it is to be put before: `null` for the last place, undefined if it cannot move that
 * way. Only jobs of the same priority change places.
 */
export function beforeOf(
  waiting: readonly Waiting[],
  id: string,
  step: -1 | 1,
): string | null | undefined {
  const one = waiting.find((job) => job.id === id);
  const equals = waiting.filter((job) => (job.priority ?? 0) === (one?.priority ?? 0));
  const at = equals.findIndex((job) => job.id === id);
  if (at < 0) return undefined;
  if (step < 0) return equals[at - 1]?.id;
  return at + 1 < equals.length ? (equals[at + 2]?.id ?? null) : undefined;
}
