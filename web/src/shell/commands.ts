/** Commands of the page itself: history, panels, dialogs. */

import { register } from "../commands/registry";
import { activeTab, redo, undo } from "../store/documents";
import { show } from "../store/view";

register(
  { id: "edit.undo", keys: "Mod+Z", enabled: () => activeTab().past.length > 0, run: undo },
  {
    id: "edit.redo",
    keys: "Mod+Shift+Z",
    enabled: () => activeTab().future.length > 0,
    run: redo,
  },
  { id: "view.settings", keys: "Mod+,", inFields: true, run: () => show({ dialog: "settings" }) },
  { id: "help.shortcuts", keys: "Mod+/", inFields: true, run: () => show({ dialog: "shortcuts" }) },
  { id: "help.about", run: () => show({ dialog: "about" }) },
);
