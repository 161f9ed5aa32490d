/** The panels at the side, in the order of their icons. */

import { CircleAlert, FolderOpen, History, Images, ListOrdered } from "lucide-react";
import type { ComponentType } from "react";
import { WorkflowsPanel } from "../keeping/WorkflowsPanel";
import type { Panel } from "../store/view";
import { useActiveCount, useProblemCount } from "./counts";
import { late } from "./lazy";
import "./commands";

export interface PanelEntry {
  readonly id: Exclude<Panel, null>;
  /** An icon of lucide-react. */
  readonly icon: ComponentType;
  /** A key of the text catalogue; also the label of the icon. */
  readonly title: string;
  readonly component: ComponentType;
  /** A number on the icon, such as how many problems there are; 0 shows none. */
  readonly useCount?: () => number;
}

export const PANELS: readonly PanelEntry[] = [
  { id: "workflows", icon: FolderOpen, title: "keeping.workflows", component: WorkflowsPanel },
  {
    id: "queue",
    icon: ListOrdered,
    title: "panels.queue.title",
    component: late(async () => (await import("./Queue")).Queue),
    useCount: useActiveCount,
  },
  {
    id: "history",
    icon: History,
    title: "panels.history.title",
    component: late(async () => (await import("./History")).History),
  },
  {
    id: "gallery",
    icon: Images,
    title: "panels.gallery.title",
    component: late(async () => (await import("./Gallery")).Gallery),
  },
  {
    id: "problems",
    icon: CircleAlert,
    title: "panels.problems.title",
    component: late(async () => (await import("./Problems")).Problems),
    useCount: useProblemCount,
  },
];

export function findPanel(id: Panel): PanelEntry | undefined {
  return PANELS.find((panel) => panel.id === id);
}
