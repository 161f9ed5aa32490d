/** The node types that the server offers; null until they are here. */

import { create } from "zustand";
import type { Catalogue } from "../graph/schema";

interface Nodes {
  readonly catalogue: Catalogue | null;
}

export const useNodes = create<Nodes>(() => ({ catalogue: null }));
