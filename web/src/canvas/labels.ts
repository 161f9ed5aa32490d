/** What screen readers hear of the canvas. */

import type { AriaLabelConfig } from "@xyflow/react";
import { useMemo } from "react";
import { useSettings } from "../store/settings";
import { useText } from "../text/catalogue";

interface Labels {
  readonly "aria-label": string;
  readonly ariaLabelConfig: Partial<AriaLabelConfig>;
}

export function useLabels(): Labels {
  const t = useText();
  const language = useSettings((state) => state.language);
  return useMemo(
    () => ({
      "aria-label": t("canvas.graph"),
      ariaLabelConfig: {
        "node.a11yDescription.default": t("canvas.nodeKeys"),
        "node.a11yDescription.keyboardDisabled": t("canvas.nodeKeys"),
        "node.a11yDescription.ariaLiveMessage": ({ x, y }) => t("canvas.moved", { x, y }),
        "edge.a11yDescription.default": t("canvas.link"),
      },
    }),
    [language],
  );
}
