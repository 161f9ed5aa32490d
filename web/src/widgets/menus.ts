/** Entries that other parts add to the menu of every widget. */

import type { MenuItem } from "../ui/Menu";
import type { WidgetProps } from "./kinds";

type Maker = (target: WidgetProps) => readonly MenuItem[];

const makers: Maker[] = [];

/** Called once by each part, when its module is loaded. */
export function addToWidgetMenus(make: Maker): void {
  makers.push(make);
}

export function addedItems(target: WidgetProps): readonly MenuItem[] {
  return makers.flatMap((make) => [...make(target)]);
}
