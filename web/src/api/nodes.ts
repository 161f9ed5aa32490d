/** The node types, asked of the server until it has them. */

import { setWireColors } from "../canvas/colors";
import type { Description } from "../graph/schema";
import { Catalogue } from "../graph/schema";
import { useNodes } from "../store/nodes";
import { useSettings } from "../store/settings";
import { ApiError, request } from "./client";

const AGAIN_MS = 1000;

/** What the page asks for as it loads (index.html): the node types as their packs describe them. */
const ENGLISH = "api/editor/nodes";

/** Loads the node types, and again whenever another language is chosen. */
export function followCatalogue(): void {
  void loadCatalogue();
  useSettings.subscribe(({ language }, before) => {
    if (language !== before.language) void loadCatalogue();
  });
}

async function loadCatalogue(): Promise<void> {
  const { language } = useSettings.getState();
  const path = language === "en" ? ENGLISH : `${ENGLISH}?language=${language}`;
  for (;;) {
    try {
      const description = await request<Description>(path);
      if (language !== useSettings.getState().language) return;
      const catalogue = new Catalogue(description);
      setWireColors(catalogue);
      useNodes.setState({ catalogue });
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await new Promise((wake) => setTimeout(wake, AGAIN_MS));
    }
  }
}
