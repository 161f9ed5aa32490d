/** What the server tells of all jobs, the queue and the worker; goes on after every break. */

import { parseJson } from "../graph/json";
import {
  type Change,
  lostIn,
  putFetched,
  withLog,
  withOutput,
  withoutRun,
  withPatch,
  withRun,
  withSnapshot,
} from "../store/runChanges";
import {
  type Job,
  type JobProgress,
  type LogLine,
  type NodeReport,
  type Output,
  type QueueState,
  type Runs,
  useRuns,
  type WorkerState,
} from "../store/runs";
import { ApiError } from "./client";
import { fetchJob } from "./jobs";

const PATH = "api/editor/events";
/** What comes within this time is drawn at once: a run of many nodes tells much. */
const GATHER_MS = 40;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

interface PreviewData {
  readonly job_id: string;
  readonly node_id: string;
  readonly content_type: string;
  readonly data_base64: string;
}

interface SnapshotData {
  readonly jobs: readonly Job[];
  readonly previews: readonly PreviewData[];
  readonly queue: QueueState;
  readonly worker: WorkerState;
}

interface NodeData {
  readonly job_id: string;
  readonly node_id: string;
  readonly report: NodeReport;
  readonly progress: JobProgress | null;
}

type Reader = (data: unknown) => Change;

const READERS: { readonly [event: string]: Reader } = {
  job: (data) => (state) => withRun(state, data as Job),
  node: (data) => {
    const { job_id, node_id, report, progress } = data as NodeData;
    return (state) =>
      withPatch(state, job_id, (run) => ({ nodes: { ...run.nodes, [node_id]: report }, progress }));
  },
  progress: (data) => {
    const { job_id, progress } = data as { job_id: string; progress: JobProgress | null };
    return (state) => withPatch(state, job_id, () => ({ progress }));
  },
  preview: (data) => withPreview(data as PreviewData),
  output: (data) => {
    const { job_id, output } = data as { job_id: string; output: Output };
    return (state) => withOutput(state, job_id, output);
  },
  log: (data) => {
    const { job_id, ...line } = data as LogLine & { job_id: string };
    return (state) => withLog(state, job_id, line);
  },
  deleted: (data) => (state) => withoutRun(state, (data as { job_id: string }).job_id),
  queue: (data) => (state) => ({ ...state, queue: data as QueueState }),
  worker: (data) => (state) => ({ ...state, worker: data as WorkerState }),
};

/** Listens until the returned function is called; comes again when the connection breaks. */
export function listen(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const open = () => {
    clearTimeout(timer);
    source?.close();
    source = connected(
      () => {
        failures = 0;
      },
      () => {
        source?.close();
        useRuns.setState({ connected: false });
        timer = setTimeout(open, waitAfter(failures));
        failures += 1;
      },
    );
  };
  const soon = () => {
    if (!useRuns.getState().connected) open();
  };
  open();
  window.addEventListener("online", soon);
  return () => {
    window.removeEventListener("online", soon);
    clearTimeout(timer);
    source?.close();
  };
}

/** Longer each time, and not the same for all pages of a server that was started again. */
export function waitAfter(failures: number, chance: number = Math.random()): number {
  return Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS) * (0.75 + chance / 2);
}

function connected(onOpen: () => void, onBreak: () => void): EventSource {
  const source = new EventSource(PATH);
  const gathered = new Gathered();
  source.onerror = onBreak;
  source.addEventListener("snapshot", (event) => {
    onOpen();
    gathered.flush();
    takeSnapshot(parseJson((event as MessageEvent<string>).data) as unknown as SnapshotData);
  });
  for (const [name, read] of Object.entries(READERS)) {
    source.addEventListener(name, (event) =>
      gathered.add(read(parseJson((event as MessageEvent<string>).data))),
    );
  }
  return source;
}

/** Changes of a short while, made as one. */
class Gathered {
  private changes: Change[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  add(change: Change): void {
    this.changes.push(change);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const changes = this.changes;
    this.changes = [];
    if (changes.length === 0) return;
    useRuns.setState((state) => changes.reduce((now, change) => change(now), state));
  }
}

function takeSnapshot({ jobs, previews, queue, worker }: SnapshotData): void {
  const lost = lostIn(useRuns.getState(), jobs);
  const shown = previews.map(withPreview);
  useRuns.setState((state) => {
    const told: Runs = { ...withSnapshot(state, jobs), connected: true, queue, worker };
    return shown.reduce<Runs>((now, change) => change(now), told);
  });
  for (const id of lost) void askAfter(id);
}

/** What a job came to that ended while nobody listened. */
async function askAfter(id: string): Promise<void> {
  try {
    putFetched(await fetchJob(id));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) useRuns.setState((state) => withoutRun(state, id));
  }
}

function withPreview({ job_id, node_id, content_type, data_base64 }: PreviewData): Change {
  const url = `data:${content_type};base64,${data_base64}`;
  return (state) => withPatch(state, job_id, () => ({ preview: { node: node_id, url } }));
}
