/** How a job or a node stands: a sign, a colour and a word. */

import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  LoaderCircle,
  Recycle,
} from "lucide-react";
import type { JobStatus, NodeStatus } from "../store/runs";
import { useText } from "../text/catalogue";

const ICONS = {
  queued: CircleDashed,
  running: LoaderCircle,
  canceling: LoaderCircle,
  succeeded: CircleCheck,
  ran: CircleCheck,
  reused: Recycle,
  skipped: CircleSlash,
  failed: CircleAlert,
  canceled: Ban,
};

export function StatusMark({
  status,
  bare = false,
}: {
  readonly status: JobStatus | NodeStatus;
  /** Without the word, which is then read aloud only. */
  readonly bare?: boolean;
}) {
  const t = useText();
  const Icon = ICONS[status];
  const word = t(`panels.status.${status}`);
  return (
    <span className="panels-status" data-status={status} {...(bare && { title: word })}>
      <Icon aria-hidden className={status === "running" ? "panels-turning" : undefined} />
      <span className={bare ? "panels-unseen" : undefined}>{word}</span>
    </span>
  );
}
