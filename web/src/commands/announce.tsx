/** What is said to those who do not see it happen. */

import { create } from "zustand";
import "./announce.css";

interface Said {
  readonly text: string;
  /** Counts, so that the same words twice are said twice. */
  readonly times: number;
}

const useSaid = create<Said>(() => ({ text: "", times: 0 }));

export function announce(text: string): void {
  useSaid.setState(({ times }) => ({ text, times: times + 1 }));
}

export function Announcer() {
  const { text, times } = useSaid();
  return (
    <div className="announcer" role="status" aria-live="polite">
      {/* A space more or less makes it another text. */}
      {times % 2 === 0 ? text : `${text}\u00a0`}
    </div>
  );
}
