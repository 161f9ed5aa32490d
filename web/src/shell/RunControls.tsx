/** Run and stop. */

import { Play, Square } from "lucide-react";
import { runCommand } from "../commands/registry";
import { activeTab, useDocuments } from "../store/documents";
import { isDone, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button, IconButton } from "../ui/Button";
import "../running/submit";

export function RunControls() {
  const t = useText();
  const tab = useDocuments((state) => activeTab(state).id);
  const busy = useRuns((state) => {
    const run = state.runs[state.lastOf[tab] ?? ""];
    return run !== undefined && !isDone(run);
  });
  return (
    <>
      <Button kind="primary" onClick={() => runCommand("run.queue")}>
        <Play /> {t("command.run.queue")}
      </Button>
      <IconButton
        icon={<Square />}
        label={t("command.run.cancel")}
        disabled={!busy}
        onClick={() => runCommand("run.cancel")}
      />
    </>
  );
}
