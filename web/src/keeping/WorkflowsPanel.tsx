/** The panel of saved workflows, and of unsaved edits that were found. */

import { FilePlus2, FolderOpen, LayoutTemplate } from "lucide-react";
import { runCommand } from "../commands/registry";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { Elsewhere } from "./Elsewhere";
import { WorkflowList } from "./WorkflowList";

const COMMANDS = [
  ["file.new", FilePlus2],
  ["file.import", FolderOpen],
  ["file.templates", LayoutTemplate],
] as const;

export function WorkflowsPanel() {
  const t = useText();
  return (
    <div className="keeping-panel">
      <div className="keeping-buttons">
        {COMMANDS.map(([id, Icon]) => (
          <Button key={id} onClick={() => runCommand(id)}>
            <Icon /> {t(`command.${id}`)}
          </Button>
        ))}
      </div>
      <Elsewhere />
      <WorkflowList focus={false} />
    </div>
  );
}
