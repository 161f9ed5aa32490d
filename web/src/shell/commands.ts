/** Commands of the page itself: its dialogs. */

import { register } from "../commands/registry";
import { show } from "../store/view";

register(
  { id: "view.settings", keys: "Mod+,", inFields: true, run: () => show({ dialog: "settings" }) },
  { id: "help.shortcuts", keys: "Mod+/", inFields: true, run: () => show({ dialog: "shortcuts" }) },
  { id: "help.about", run: () => show({ dialog: "about" }) },
);
