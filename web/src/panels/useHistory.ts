/** Finished jobs, page by page; read again when a job has ended or is forgotten. */

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { fetchHistory } from "../api/jobs";
import type { JobCard, JobStatus } from "../store/runs";
import { useRuns } from "../store/runs";

const PAGE = 24;
const MOST_AT_ONCE = 100;
/** Jobs that are reused end in quick succession. */
const REST_MS = 200;

export interface Listed {
  readonly jobs: readonly JobCard[];
  readonly total: number;
  /** The offset of what follows; null at the end. */
  readonly next: number | null;
}

export interface HistoryState {
  /** Undefined until it is there. */
  readonly listed: Listed | undefined;
  /** Why it is not, in words. */
  readonly error: string | undefined;
  readonly more: () => void;
  /** Takes what the server answered about one job. */
  readonly put: (job: JobCard) => void;
}

export function useHistory(status: JobStatus | null = null): HistoryState {
  const ended = useRuns((state) => state.ended);
  const connected = useRuns((state) => state.connected);
  const [listed, setListed] = useState<Listed>();
  const [error, setError] = useState<string>();
  const asked = useRef(0);
  const shown = useRef(PAGE);
  const read = useCallback(
    async (offset: number, limit: number) => {
      asked.current += 1;
      const turn = asked.current;
      try {
        const page = await fetchHistory(offset, limit, status);
        if (turn !== asked.current) return;
        setListed((before) => (offset === 0 ? page : joined(before, page)));
        setError(undefined);
      } catch (failure) {
        if (!(failure instanceof ApiError)) throw failure;
        if (turn === asked.current) setError(failure.message);
      }
    },
    [status],
  );
  // What ended, and a server that is back, say when to read again.
  useEffect(() => {
    const timer = setTimeout(() => void read(0, shown.current), REST_MS);
    return () => clearTimeout(timer);
  }, [read, ended, connected]);
  const next = listed?.next ?? null;
  const more = useCallback(() => {
    if (next === null) return;
    shown.current = Math.min(next + PAGE, MOST_AT_ONCE);
    void read(next, PAGE);
  }, [next, read]);
  const put = useCallback((job: JobCard) => {
    setListed((before) => before && { ...before, jobs: before.jobs.map((o) => pick(o, job)) });
  }, []);
  return { listed, error, more, put };
}

function pick(one: JobCard, changed: JobCard): JobCard {
  return one.id === changed.id ? changed : one;
}

/** A job may be on two pages where others ended between the two requests. */
export function joined(before: Listed | undefined, page: Listed): Listed {
  const known = new Set(before?.jobs.map((job) => job.id));
  const fresh = page.jobs.filter((job) => !known.has(job.id));
  return { ...page, jobs: [...(before?.jobs ?? []), ...fresh] };
}
