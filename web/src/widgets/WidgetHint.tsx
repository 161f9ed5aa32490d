/** The tooltip of a widget; made only while the pointer rests on its name. */

import { Tooltip } from "@base-ui/react/tooltip";
import type { RefObject } from "react";
import { About } from "./about";
import type { WidgetProps } from "./kinds";

export interface WidgetHintProps {
  readonly target: WidgetProps;
  readonly anchor: RefObject<HTMLElement | null>;
}

export function WidgetHint({ target, anchor }: WidgetHintProps) {
  return (
    <Tooltip.Root open>
      <Tooltip.Portal>
        <Tooltip.Positioner anchor={anchor} side="left" sideOffset={12} className="ui-hint-place">
          <Tooltip.Popup className="ui-hint">
            <About target={target} />
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
