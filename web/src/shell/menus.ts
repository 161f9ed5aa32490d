/** The main menus: every command stands in the menu that its id begins with. */

import { allCommands } from "../commands/registry";

export const MENUS = ["file", "edit", "node", "view", "run", "help"] as const;
export type MenuName = (typeof MENUS)[number];

/** `file.save` stands under File; what begins otherwise stands under the menu named here. */
const MENU_OF: { readonly [prefix: string]: MenuName } = {
  file: "file",
  edit: "edit",
  node: "node",
  graph: "node",
  view: "view",
  canvas: "view",
  run: "run",
  form: "file",
  help: "help",
};

/** What comes first in each menu, and where the lines are; all else follows. */
const FIRST: { readonly [menu in MenuName]: readonly string[] } = {
  file: [
    ..."file.new file.templates file.open file.import -".split(" "),
    ..."file.save file.saveAs file.versions file.rename -".split(" "),
    ..."form.declared file.download file.export -".split(" "),
    ..."file.close file.nextTab file.previousTab file.tabLeft file.tabRight file.delete".split(" "),
  ],
  edit: [
    ..."edit.undo edit.redo -".split(" "),
    ..."edit.cut edit.copy edit.paste edit.pasteLinked edit.duplicate edit.delete -".split(" "),
    ..."edit.selectAll edit.selectNone".split(" "),
  ],
  node: [..."graph.add graph.connect graph.insert graph.replace graph.disconnect -".split(" ")],
  view: [
    ..."view.form view.commands -".split(" "),
    ..."view.workflows view.queue view.history view.gallery view.problems -".split(" "),
    ..."view.zoomIn view.zoomOut view.fit view.fitSelection -".split(" "),
    ..."view.select view.snap view.minimap -".split(" "),
    "view.settings",
  ],
  run: ["run.queue", "run.many", "run.here", "run.live", "run.check", "-", "run.cancel"],
  help: ["help.shortcuts", "help.about"],
};

export function menuOf(id: string): MenuName {
  return MENU_OF[id.split(".")[0] ?? ""] ?? "edit";
}

/** Ids and lines (`-`) of one menu. */
export function menuItems(menu: MenuName): string[] {
  const all = allCommands().filter(({ id, hidden }) => !hidden && menuOf(id) === menu);
  const ids = new Set(all.map(({ id }) => id));
  const first = FIRST[menu].filter((id) => id === "-" || ids.has(id));
  const rest = [...ids].filter((id) => !first.includes(id));
  const made = rest.length > 0 ? [...first, "-", ...rest] : first;
  return made.filter((id, place) => id !== "-" || isLine(made, place));
}

/** No line at an end, nor two in a row. */
function isLine(items: readonly string[], place: number): boolean {
  return place > 0 && items[place - 1] !== "-" && items.slice(place).some((id) => id !== "-");
}
