/** The main menus: every command stands in the menu that its id begins with. */

import { allCommands } from "../commands/registry";

/** `file.save` stands under File; what begins otherwise stands under the menu named here. */
const MENU_OF: { readonly [prefix: string]: string } = {
  file: "file",
  edit: "edit",
  node: "edit",
  graph: "edit",
  view: "view",
  canvas: "view",
  run: "run",
  form: "file",
  help: "help",
};

export const MENUS = ["file", "edit", "view", "run", "help"] as const;

export function menuOf(id: string): string {
  return MENU_OF[id.split(".")[0] ?? ""] ?? "edit";
}

/** Ids and lines (`-`) of one menu: by what their ids begin with, as they were registered. */
export function menuItems(menu: string): string[] {
  const groups = new Map<string, string[]>();
  for (const { id, hidden } of allCommands()) {
    if (hidden) continue;
    const prefix = id.split(".")[0] ?? "";
    if (menuOf(id) !== menu) continue;
    groups.set(prefix, [...(groups.get(prefix) ?? []), id]);
  }
  return [...groups.values()].flatMap((ids, place) => (place === 0 ? ids : ["-", ...ids]));
}
