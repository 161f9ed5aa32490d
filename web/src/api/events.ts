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
  activeRuns,
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
/** The server says every 15 s that it is there. */
const SILENCE_MS = 45_000;
const WATCH_MS = 5_000;
/** How long a window that is not seen keeps its connection. */
const REST_MS = 5_000;
/** How often, and after how many jobs, it asks from then on. */
const ASK_MS = 5_000;
const ASKED = 3;

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

/**
 * Listens until the returned function is called; comes again when the connection breaks, or when
 * nothing is heard on it. A browser makes six connections to a server for all its windows together:
 * one that nobody sees lets go of its own, and asks now and then.
 */
export function listen(): () => void {
  const line = new Line();
  const { signal, end } = ending();
  const seen = () => (document.hidden ? line.rest() : line.wake());
  seen();
  window.addEventListener("online", () => line.hurry(), { signal });
  document.addEventListener("visibilitychange", seen, { signal });
  return () => {
    end();
    line.end();
  };
}

function ending(): { readonly signal: AbortSignal; readonly end: () => void } {
  const stop = new AbortController();
  return { signal: stop.signal, end: () => stop.abort() };
}

/** The connection, while there is one. */
class Line {
  private source: EventSource | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private asking: ReturnType<typeof setInterval> | undefined;
  private failures = 0;
  private heard = 0;

  wake(): void {
    clearTimeout(this.again);
    clearInterval(this.asking);
    if (this.source === null) this.open();
  }

  /** After a moment, for one may only pass by another window. */
  rest(): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => {
      this.end();
      this.asking = setInterval(() => void askOn(), ASK_MS);
    }, REST_MS);
  }

  hurry(): void {
    if (!useRuns.getState().connected && !document.hidden) this.open();
  }

  end(): void {
    clearTimeout(this.again);
    clearInterval(this.watch);
    clearInterval(this.asking);
    this.source?.close();
    this.source = null;
  }

  private open(): void {
    this.end();
    this.heard = Date.now();
    this.source = connected(
      () => {
        this.failures = 0;
      },
      () => this.broken(),
      () => {
        this.heard = Date.now();
      },
    );
    this.watch = setInterval(() => {
      if (Date.now() - this.heard > SILENCE_MS) this.broken();
    }, WATCH_MS);
  }

  private broken(): void {
    this.end();
    useRuns.setState({ connected: false });
    if (document.hidden) this.rest();
    else this.again = setTimeout(() => this.open(), waitAfter(this.failures));
    this.failures += 1;
  }
}

/** What became of the next jobs, while no window is told. */
async function askOn(): Promise<void> {
  const next = activeRuns(useRuns.getState()).slice(0, ASKED);
  await Promise.all(next.map(({ id }) => askAfter(id)));
}

/** Longer each time, and not the same for all pages of a server that was started again. */
export function waitAfter(failures: number, chance: number = Math.random()): number {
  return Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS) * (0.75 + chance / 2);
}

function connected(onOpen: () => void, onBreak: () => void, onHeard: () => void): EventSource {
  const source = new EventSource(PATH);
  const gathered = new Gathered();
  source.onerror = onBreak;
  source.addEventListener("alive", onHeard);
  source.addEventListener("snapshot", (event) => {
    onHeard();
    onOpen();
    gathered.flush();
    takeSnapshot(parseJson((event as MessageEvent<string>).data) as unknown as SnapshotData);
  });
  for (const [name, read] of Object.entries(READERS)) {
    source.addEventListener(name, (event) => {
      onHeard();
      gathered.add(read(parseJson((event as MessageEvent<string>).data)));
    });
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
