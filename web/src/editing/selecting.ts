/** Selecting: all, nothing, and along links. */

import { announce } from "../commands/announce";
import { register } from "../commands/registry";
import { type Direction, reached } from "../graph/reach";
import { openDoc } from "../store/documents";
import { select, useSelection } from "../store/selection";
import { t } from "../text/catalogue";
import { hasNodes, pickedNodes, selectAll } from "./picked";

function along(way: Direction): void {
  const found = reached(openDoc(), pickedNodes(), way);
  select(found);
  announce(t("editing.selected", { count: found.size }));
}

const some = () => {
  const { nodes, edges } = useSelection.getState();
  return nodes.size + edges.size > 0;
};

register(
  {
    id: "edit.selectAll",
    keys: "Mod+A",
    run: () => {
      selectAll();
      announce(t("editing.selected", { count: useSelection.getState().nodes.size }));
    },
  },
  { id: "edit.selectNone", keys: "Mod+Shift+A", enabled: some, run: () => select([]) },
  { id: "edit.selectConnected", keys: "Shift+L", enabled: hasNodes, run: () => along("both") },
  { id: "edit.selectUpstream", keys: "Shift+U", enabled: hasNodes, run: () => along("up") },
  { id: "edit.selectDownstream", keys: "Shift+D", enabled: hasNodes, run: () => along("down") },
);
