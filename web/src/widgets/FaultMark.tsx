/** The sign of a fault at a field: its words, and the way out of it, when it is pointed at. */

import { Popover } from "@base-ui/react/popover";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { Button } from "../ui/Button";

export interface FaultMarkProps {
  readonly message: string;
  readonly fix?: { readonly label: string; readonly run: () => void } | undefined;
  /** A warning: a run may succeed nevertheless. */
  readonly mild?: boolean;
}

export function FaultMark({ message, fix, mild = false }: FaultMarkProps) {
  return (
    <Popover.Root>
      <Popover.Trigger
        openOnHover
        delay={100}
        closeDelay={200}
        className="widget-fault"
        data-mild={mild || undefined}
        aria-label={message}
      >
        {mild ? <TriangleAlert /> : <CircleAlert />}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner side="right" sideOffset={8} className="widget-pop-place">
          <Popover.Popup className="widget-pop widget-fault-pop">
            <Popover.Description className="widget-fault-text">{message}</Popover.Description>
            {fix ? (
              <Button kind="primary" onClick={fix.run}>
                {fix.label}
              </Button>
            ) : null}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
