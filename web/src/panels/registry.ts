/** The panels at the side, in the order of their icons. */

import { FolderOpen } from "lucide-react";
import type { ComponentType } from "react";
import { WorkflowsPanel } from "../keeping/WorkflowsPanel";
import type { Panel } from "../store/view";

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
];

export function findPanel(id: Panel): PanelEntry | undefined {
  return PANELS.find((panel) => panel.id === id);
}
