/** Commands that open and close the panels of jobs. */

import { register } from "../commands/registry";
import { type Panel, show, useView } from "../store/view";

function toggle(panel: Panel): void {
  show({ panel: useView.getState().panel === panel ? null : panel });
}

register(
  { id: "view.queue", keys: "Alt+Q", run: () => toggle("queue") },
  { id: "view.history", keys: "Alt+H", run: () => toggle("history") },
  { id: "view.gallery", keys: "Alt+G", run: () => toggle("gallery") },
  { id: "view.problems", keys: "Alt+P", run: () => toggle("problems") },
);
