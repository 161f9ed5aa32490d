/** What the context menus of the canvas hold: commands that can be run now, and colours. */

import type { MenuRequest } from "../canvas/menus";
import { findCommand } from "../commands/registry";
import { portsOf } from "../graph/ports";
import { portAt } from "../graph/subports";
import { activeTab, openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { show } from "../store/view";
import { t } from "../text/catalogue";
import type { MenuItem } from "../ui/Menu";
import { addFrame, addNote } from "./framing";
import { togglePort } from "./grouping";
import { colorOf, PALETTE, setColor } from "./looks";
import { picked } from "./picked";
import { openDialog } from "./store";

export function menuItems({ target, screen, at }: MenuRequest): MenuItem[] {
  if (target.kind === "pane") return tidy(paneItems(at));
  if (target.kind === "link") {
    return tidy(["graph.insert", "graph.reroute", "-", "edit.delete"].filter(known));
  }
  const isNode = target.kind === "node";
  return tidy([
    ...(isNode ? socketItems(target.id, screen) : []),
    "-",
    ...usable("graph.open node.rename"),
    colorItems(target.id),
    ...usable("node.collapse node.mute node.bypass graph.fitFrame"),
    "-",
    ...usable("edit.cut edit.copy edit.duplicate edit.duplicateLinked"),
    "-",
    ...usable("graph.connect graph.replace graph.disconnect run.here"),
    "-",
    ...usable("graph.frame graph.group graph.ungroup graph.ports node.keep"),
    ...(isNode ? portItems(target.id) : []),
    alignItems(),
    "-",
    ...usable("edit.deleteJoined edit.deleteContents edit.delete"),
  ]);
}

function paneItems(at: MenuRequest["at"]): MenuItem[] {
  return [
    { label: t("command.graph.add"), run: () => show({ palette: { at } }) },
    { label: t("command.graph.note"), run: () => addNote(at) },
    { label: t("editing.addFrame"), run: () => addFrame(at) },
    "-",
    "edit.paste",
    "edit.pasteLinked",
    "edit.selectAll",
    "-",
    "edit.undo",
    "edit.redo",
    "-",
    ...usable("graph.out graph.ports"),
    ...usable("graph.arrange view.fit"),
  ];
}

/** Commands of these ids that are there and can be run. */
function usable(ids: string): string[] {
  return ids.split(" ").filter((id) => {
    const command = findCommand(id);
    return command !== undefined && command.enabled?.() !== false;
  });
}

function known(id: string): boolean {
  return id === "-" || findCommand(id) !== undefined;
}

function colorItems(id: string): MenuItem {
  const now = colorOf(openDoc(), id);
  const swatch = (color: string) => (
    <span className="editing-swatch" style={{ "--node-color": color }} />
  );
  return {
    group: "editing.color",
    submenu: true,
    items: [
      ...Object.entries(PALETTE).map(([name, color]) => ({
        label: t(`editing.color.${name}`),
        icon: swatch(color),
        run: () => setColor(color),
      })),
      "-",
      {
        label: t("editing.color.own"),
        run: () => openDialog({ kind: "color", picked: picked() }),
      },
      {
        label: t("editing.color.none"),
        disabled: now === undefined,
        run: () => setColor(undefined),
      },
    ],
  };
}

function alignItems(): MenuItem {
  const lines = usable("graph.align.left graph.align.center graph.align.right");
  const rows = usable("graph.align.top graph.align.middle graph.align.bottom");
  const more = usable("graph.distribute.x graph.distribute.y");
  const some = lines.length + more.length > 0;
  const items = some ? tidy([...lines, "-", ...rows, "-", ...more, "-", "graph.arrange"]) : [];
  return { group: "editing.align", submenu: true, items };
}

/** The socket that was asked of, inside of a subgraph. */
function socketItems(node: string, { x, y }: MenuRequest["screen"]): MenuItem[] {
  const socket = document.elementFromPoint(x, y)?.closest("[data-handleid]");
  const handle = socket?.getAttribute("data-handleid");
  if (!handle || activeTab().path.length === 0) return [];
  const side = handle.startsWith("in:") ? "inputs" : "outputs";
  return [portItem(side, node, handle.slice(handle.indexOf(":") + 1))];
}

function portItem(side: "inputs" | "outputs", node: string, field: string): MenuItem {
  const is = portAt(openDoc(), side, node, field) !== undefined;
  const label = t(is ? "editing.hidePort" : "editing.exposePort", { name: field });
  return { label, run: () => togglePort(side, node, field) };
}

/** Inside of a subgraph: every field and output of a node, and whether it is a port. */
function portItems(node: string): MenuItem[] {
  const { catalogue } = useNodes.getState();
  if (catalogue === null || activeTab().path.length === 0) return [];
  const { inputs, outputs } = portsOf(openDoc(), node, catalogue);
  const entry = (side: "inputs" | "outputs", field: string): MenuItem => ({
    label: field,
    checked: portAt(openDoc(), side, node, field) !== undefined,
    run: () => togglePort(side, node, field),
  });
  const items = [
    ...inputs.map(({ name }) => entry("inputs", name)),
    "-",
    ...outputs.map(({ name }) => entry("outputs", name)),
  ];
  return [{ group: "editing.portsOfNode", submenu: true, items: tidy(items) }];
}

/** Without groups that hold nothing, without lines at the ends or two in a row. */
function tidy(items: readonly MenuItem[]): MenuItem[] {
  const full = items.filter(
    (item) => typeof item !== "object" || !("group" in item) || item.items.length > 0,
  );
  return full.filter((item, place) => {
    if (item !== "-") return true;
    return place > 0 && full[place - 1] !== "-" && full.slice(place).some((one) => one !== "-");
  });
}
