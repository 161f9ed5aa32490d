/** Run, run many times, run after each change, stop; and how far the run is. */

import { ChevronDown, Play, Square, Zap } from "lucide-react";
import { findCommand, keysOf, runCommand } from "../commands/registry";
import { activeTab, useDocuments } from "../store/documents";
import { activeRuns, useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button, IconButton } from "../ui/Button";
import { keysText } from "../ui/keys";
import { Menu } from "../ui/Menu";
import { useLive } from "./live";
import { RunProgress } from "./RunProgress";
import "./commands";
import "./JumpTarget";
import "./running.css";

export function RunControls() {
  const t = useText();
  const tab = useDocuments((state) => activeTab(state).id);
  const live = useLive((state) => state.tabs.has(tab));
  const busy = useRuns((state) => activeRuns(state, tab).length > 0);
  return (
    <>
      <RunProgress />
      <fieldset className="running-split" aria-label={t("running.run")}>
        <Button
          kind="primary"
          title={keysFor("run.queue")}
          onClick={() => void runCommand("run.queue")}
        >
          <Play aria-hidden /> {t("command.run.queue")}
        </Button>
        <Menu
          trigger={
            <IconButton icon={<ChevronDown />} kind="primary" label={t("running.otherWays")} />
          }
          items={["run.many", "run.here", "run.check", "-", "run.cancel", "run.cancelAll"]}
        />
      </fieldset>
      <IconButton
        icon={<Zap />}
        label={t("command.run.live")}
        keys={keysFor("run.live")}
        pressed={live}
        onClick={() => void runCommand("run.live")}
      />
      <IconButton
        icon={<Square />}
        label={t("command.run.cancel")}
        keys={keysFor("run.cancel")}
        disabled={!busy}
        onClick={() => void runCommand("run.cancel")}
      />
    </>
  );
}

function keysFor(id: string): string | undefined {
  const command = findCommand(id);
  const keys = command && keysOf(command);
  return keys && keysText(keys);
}
