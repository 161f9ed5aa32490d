/** A job with what became of its nodes: as it was heard, or asked of the server. */

import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { fetchJob } from "../api/jobs";
import { type Job, useRuns } from "../store/runs";

export function useJob(id: string): Job | undefined {
  const heard = useRuns((state) => state.runs[id]);
  const [fetched, setFetched] = useState<Job>();
  const last = useRef(heard);
  if (heard !== undefined) last.current = heard;
  // One that was heard of and is gone was forgotten: the server has it no more.
  const known = last.current?.id === id;
  useEffect(() => {
    if (known) return;
    let wanted = true;
    fetchJob(id)
      .then((job) => wanted && setFetched(job))
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      });
    return () => {
      wanted = false;
    };
  }, [id, known]);
  return (known ? last.current : undefined) ?? (fetched?.id === id ? fetched : undefined);
}
