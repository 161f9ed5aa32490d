/** Names of nodes, times and sizes as people read them. */

import { at } from "../graph/path";
import type { Workflow } from "../graph/workflow";
import { nodesOf, placeOf } from "../graph/workflow";
import { placeOfName } from "../running/jump";
import { activeTab, findTab } from "../store/documents";
import { useNodes } from "../store/nodes";
import type { JobCard } from "../store/runs";
import { useSettings } from "../store/settings";

/** A node by its name in reports, such as `Face › Sampler`; the name if the workflow has none. */
export function nodeTitle(name: string, doc = activeTab().doc): string {
  const place = placeOfName(name, doc);
  if (place === undefined) return name;
  const ids = [...place.path, place.node];
  const titles = ids.map((id, depth) => titleIn(at(doc, place.path.slice(0, depth)), id));
  return titles.join(" › ");
}

/** A node of a job: its title in the tab that the job came from, or else what its type is called. */
export function nodeTitleOf(
  job: Pick<JobCard, "metadata">,
  name: string,
  type: string | null | undefined,
): string {
  const doc = findTab(job.metadata?.tab ?? "")?.doc;
  if (doc !== undefined && placeOfName(name, doc) !== undefined) return nodeTitle(name, doc);
  const schema = type ? useNodes.getState().catalogue?.find(type) : undefined;
  return schema?.display_name ?? type ?? name;
}

/** What a job is at, such as `Sampler 3/20`; undefined before its first node. */
export function stepWords(job: Pick<JobCard, "metadata" | "progress">): string | undefined {
  const { progress } = job;
  if (!progress?.current_node) return undefined;
  const title = nodeTitleOf(job, progress.current_node, progress.current_node_class);
  return progress.step === null ? title : `${title} ${progress.step}/${progress.steps}`;
}

export function titleIn(doc: Workflow | undefined, id: string): string {
  const entry = doc && nodesOf(doc)[id];
  if (doc === undefined || entry === undefined) return id;
  const schema = useNodes.getState().catalogue?.find(entry.type);
  return placeOf(doc, id).title || schema?.display_name || entry.type;
}

/** Today's times without the day. */
export function moment(iso: string, language = useSettings.getState().language): string {
  const date = new Date(iso);
  const today = new Date().toDateString() === date.toDateString();
  const day = today ? {} : ({ dateStyle: "short" } as const);
  return new Intl.DateTimeFormat(language, { ...day, timeStyle: "short" }).format(date);
}

export function seconds(value: number, language = useSettings.getState().language): string {
  if (value >= 60) {
    const minutes = Math.floor(value / 60);
    return `${minutes} min ${Math.round(value - minutes * 60)} s`;
  }
  const digits = value >= 10 ? 0 : value >= 0.1 ? 1 : 3;
  const figures = { maximumFractionDigits: digits };
  return `${new Intl.NumberFormat(language, figures).format(value)} s`;
}

/** How long a job ran; undefined before it has ended. */
export function duration(job: {
  readonly started_at?: string | null;
  readonly completed_at?: string | null;
}): number | undefined {
  if (!job.started_at || !job.completed_at) return undefined;
  return Math.max(0, (Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000);
}

export function bytes(size: number, language = useSettings.getState().language): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = Math.min(Math.floor(Math.log10(Math.max(size, 1)) / 3), units.length - 1);
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[power] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: power > 1 ? 1 : 0,
  }).format(size / 1000 ** power);
}
