/** The node types, asked of the server until it has them. */

import { setWireColors } from "../canvas/colors";
import type { Description } from "../graph/schema";
import { Catalogue } from "../graph/schema";
import { useNodes } from "../store/nodes";
import { ApiError, request } from "./client";

const AGAIN_MS = 1000;

export async function loadCatalogue(): Promise<void> {
  for (;;) {
    try {
      const description = await request<Description>("api/editor/nodes");
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
