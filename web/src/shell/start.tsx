/** Shows the editor in an element of the page. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { followCatalogue } from "../api/nodes";
import { useSettings } from "../store/settings";
import { App } from "./App";
import { applyLook } from "./theme";
import "../ui/theme.css";
import "../ui/forced.css";

export function start(root: HTMLElement): void {
  // Asked for before anything is drawn: without node types there are no nodes.
  followCatalogue();
  applyLook(useSettings.getState());
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
