/** The title and the icon of the page tell how far the run is, and that one has ended meanwhile. */

import { activeTab, type Tab, useDocuments } from "../store/documents";
import { activeRuns, isDone, type Run, type Runs, runOf, useRuns } from "../store/runs";

const NAME = "nodegraph";
const MARKS = { succeeded: "✓", failed: "✕", canceled: "" };
/** The icon is drawn again for each tenth. */
const PARTS = 10;

/** The run that counts: the one the open tab shows, or else whatever runs. */
export function countedRun(state: Runs, tab: string): Run | undefined {
  const shown = runOf(state, tab);
  if (shown && !isDone(shown)) return shown;
  return activeRuns(state).find((run) => run.status === "running");
}

export function titleOf(
  tab: Pick<Tab, "name" | "doc">,
  run: Run | undefined,
  mark: string,
): string {
  const name = tab.name ?? tab.doc.name;
  const page = name ? `${name} · ${NAME}` : NAME;
  if (run === undefined) return mark ? `${mark} ${page}` : page;
  const percent = Math.round((run.progress?.value ?? 0) * 100);
  return `${percent} % · ${run.title || name || NAME}`;
}

/** Keeps title and icon up to date until the returned function is called. */
export function followTitle(): () => void {
  let mark = "";
  const icon = new ProgressIcon();
  const draw = () => {
    const tab = activeTab();
    const run = countedRun(useRuns.getState(), tab.id);
    const title = titleOf(tab, run, mark);
    if (document.title !== title) document.title = title;
    icon.draw(run ? (run.progress?.value ?? 0) : null);
  };
  const seen = () => {
    if (document.hidden) return;
    mark = "";
    draw();
  };
  const ends = [
    useRuns.subscribe((state, before) => {
      if (document.hidden) mark = endedMark(state, before) ?? mark;
      draw();
    }),
    useDocuments.subscribe(draw),
  ];
  document.addEventListener("visibilitychange", seen);
  draw();
  return () => {
    for (const end of ends) end();
    document.removeEventListener("visibilitychange", seen);
    icon.draw(null);
  };
}

function endedMark(state: Runs, before: Runs): string | undefined {
  if (state.runs === before.runs) return undefined;
  for (const [id, run] of Object.entries(before.runs)) {
    const now = state.runs[id];
    if (now === run || now === undefined || isDone(run) || !isDone(now)) continue;
    return MARKS[now.status as keyof typeof MARKS];
  }
  return undefined;
}

class ProgressIcon {
  private readonly link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  private readonly own = this.link?.href ?? "";
  private shown = -1;

  draw(value: number | null): void {
    const part = value === null ? -1 : Math.round(value * PARTS);
    if (this.link === null || part === this.shown) return;
    this.shown = part;
    this.link.href = part < 0 ? this.own : ring(part / PARTS);
  }
}

function ring(value: number): string {
  const circle = `cx='16' cy='16' r='12' fill='none' stroke-width='6'`;
  const length = 2 * Math.PI * 12;
  const drawn = `stroke-dasharray='${value * length} ${length}' transform='rotate(-90 16 16)'`;
  const svg =
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>` +
    `<circle ${circle} stroke='#9aa4b5'/><circle ${circle} stroke='#2f5fe0' ${drawn}/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
