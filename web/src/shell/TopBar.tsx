/** The bar at the top: what is open, and running it. */

import { Play, Redo2, Square, Undo2 } from "lucide-react";
import { runCommand } from "../commands/registry";
import { activeTab, redo, undo, useDocuments } from "../store/documents";
import { isDone, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button, IconButton } from "../ui/Button";
import "./shell.css";
import "../running/submit";

export function TopBar() {
  const t = useText();
  const tab = useDocuments(activeTab);
  const run = useRuns((state) => state.runs[state.lastOf[tab.id] ?? ""]);
  const busy = run !== undefined && !isDone(run);
  return (
    <header className="shell-bar">
      <strong className="shell-name">nodegraph</strong>
      <span className="shell-title">{tab.name ?? tab.doc.name ?? t("common.untitled")}</span>
      <IconButton
        icon={<Undo2 />}
        label={t("command.edit.undo")}
        onClick={undo}
        disabled={tab.past.length === 0}
      />
      <IconButton
        icon={<Redo2 />}
        label={t("command.edit.redo")}
        onClick={redo}
        disabled={tab.future.length === 0}
      />
      <Button kind="primary" onClick={() => runCommand("run.queue")}>
        <Play /> {t("command.run.queue")}
      </Button>
      <IconButton
        icon={<Square />}
        label={t("command.run.cancel")}
        disabled={!busy}
        onClick={() => runCommand("run.cancel")}
      />
    </header>
  );
}
