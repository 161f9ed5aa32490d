/** What the server tells of all jobs, the queue and the worker; goes on after every break. */

import { parseJson } from "../graph/json";
import {
  forgetRun,
  type JobProgress,
  type NodeReport,
  type Output,
  patchRun,
  putRun,
  type QueueState,
  type Run,
  setRuns,
  useRuns,
  type WorkerState,
} from "../store/runs";

interface PreviewData {
  readonly job_id: string;
  readonly node_id: string;
  readonly content_type: string;
  readonly data_base64: string;
}

interface SnapshotData {
  readonly jobs: readonly Omit<Run, "preview">[];
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

type Listeners = { readonly [event: string]: (data: unknown) => void };

const LISTENERS: Listeners = {
  snapshot: (data) => takeSnapshot(data as SnapshotData),
  job: (data) => putRun(data as Omit<Run, "preview">),
  node: (data) => {
    const { job_id, node_id, report, progress } = data as NodeData;
    patchRun(job_id, (run) => ({ nodes: { ...run.nodes, [node_id]: report }, progress }));
  },
  progress: (data) => {
    const { job_id, progress } = data as { job_id: string; progress: JobProgress | null };
    patchRun(job_id, () => ({ progress }));
  },
  preview: (data) => takePreview(data as PreviewData),
  output: (data) => {
    const { job_id, output } = data as { job_id: string; output: Output };
    patchRun(job_id, (run) => ({ outputs: [...run.outputs, output] }));
  },
  deleted: (data) => forgetRun((data as { job_id: string }).job_id),
  queue: (data) => useRuns.setState({ queue: data as QueueState }),
  worker: (data) => useRuns.setState({ worker: data as WorkerState }),
};

/** Listens until the returned function is called. The browser connects again by itself. */
export function listen(): () => void {
  const source = new EventSource("api/editor/events");
  source.onopen = () => useRuns.setState({ connected: true });
  source.onerror = () => useRuns.setState({ connected: false });
  for (const [name, take] of Object.entries(LISTENERS)) {
    source.addEventListener(name, (event) => take(parseJson((event as MessageEvent<string>).data)));
  }
  return () => source.close();
}

function takeSnapshot(data: SnapshotData): void {
  setRuns(data.jobs);
  useRuns.setState({ connected: true, queue: data.queue, worker: data.worker });
  for (const preview of data.previews) takePreview(preview);
}

function takePreview({ job_id, node_id, content_type, data_base64 }: PreviewData): void {
  const url = `data:${content_type};base64,${data_base64}`;
  patchRun(job_id, () => ({ preview: { node: node_id, url } }));
}
