/** Whether the server is heard; in words only when it matters. */

import { useRuns } from "../store/runs";
import { useText } from "../text/catalogue";

export function Connection() {
  const t = useText();
  const connected = useRuns((state) => state.connected);
  const text = t(connected ? "shell.connected" : "shell.disconnected");
  return (
    <span className="shell-link" data-connected={connected} role="status" title={text}>
      <span className={connected ? "ui-unseen" : ""}>{text}</span>
    </span>
  );
}
