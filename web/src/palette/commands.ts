/** Commands that open the lists. */

import { middle } from "../canvas/view";
import { isPointing } from "../commands/keyboard";
import { register } from "../commands/registry";
import { show } from "../store/view";
import { pointerOnCanvas } from "./pointer";

register(
  {
    id: "graph.add",
    keys: "Space Tab",
    when: ({ key }) => key !== "Tab" || isPointing(),
    run: () => {
      const at = pointerOnCanvas();
      show({ palette: at ? { at } : { at: middle(), keys: true } });
    },
  },
  { id: "view.commands", keys: "Mod+K", inFields: true, run: () => show({ commands: true }) },
);
