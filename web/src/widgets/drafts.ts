/** What was typed and is no value yet: kept while its node is out of sight. */

import { create } from "zustand";
import type { Json } from "../graph/workflow";
import { activeTab } from "../store/documents";

interface Draft {
  readonly text: string;
  /** The value beside which it was typed; where the input has another by now, the draft is void. */
  readonly beside: Json | undefined;
}

interface Drafts {
  readonly drafts: { readonly [key: string]: Draft };
}

const useDrafts = create<Drafts>(() => ({ drafts: {} }));

export interface DraftHandle {
  readonly text: string | undefined;
  /** Keeps a text beside the value that the input has, or is about to have. */
  readonly keep: (text: string, beside: Json | undefined) => void;
  readonly drop: () => void;
}

export function useDraft(node: string, name: string, value: Json | undefined): DraftHandle {
  const { id, path } = activeTab();
  const key = [id, ...path, node, name].join("\n");
  const found = useDrafts((state) => state.drafts[key]);
  return {
    text: found && Object.is(found.beside, value) ? found.text : undefined,
    keep: (text, beside) =>
      useDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [key]: { text, beside } } })),
    drop: () =>
      useDrafts.setState((state) => {
        if (!(key in state.drafts)) return state;
        const { [key]: _, ...drafts } = state.drafts;
        return { drafts };
      }),
  };
}
