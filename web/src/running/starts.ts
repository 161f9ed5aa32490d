/** What goes on beside the page while it is there: title, messages, live runs, problems, jobs. */

import { followChanges } from "./live";
import { followEnds } from "./notices";
import { followProblems } from "./recheck";
import { findJobs } from "./recover";
import { followTitle } from "./title";

const STARTS = [findJobs, followTitle, followEnds, followChanges, followProblems];

/** Begins all of it; what it returns ends it. */
export function startRunning(): () => void {
  const ends = STARTS.map((start) => start());
  return () => {
    for (const end of ends) end();
  };
}
