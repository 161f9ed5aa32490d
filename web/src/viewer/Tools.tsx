/** What can be done with the result that is shown. */

import {
  ChevronLeft,
  ChevronRight,
  Columns2,
  Download,
  FolderOpen,
  Info,
  Maximize,
  Send,
  X,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { useMemo } from "react";
import { relative } from "../api/jobs";
import { isPicture } from "../canvas/results";
import { loadWorkflow } from "../panels/again";
import { openDoc, useDocuments } from "../store/documents";
import { useNodes } from "../store/nodes";
import type { Output } from "../store/runs";
import { closeViewer, compareWith, go, showFacts, useViewer } from "../store/viewer";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { Hint } from "../ui/Hint";
import { Menu } from "../ui/Menu";
import { send, targetsFor } from "./sending";
import type { ZoomHandle } from "./useZoom";

export function Tools({ output, handle }: { output: Output; handle: ZoomHandle }) {
  const t = useText();
  const { outputs, at, facts } = useViewer();
  return (
    <div className="viewer-tools">
      <IconButton
        icon={<ChevronLeft />}
        label={t("viewer.previous")}
        disabled={at === 0}
        onClick={() => go(at - 1)}
      />
      <span className="viewer-count" aria-live="polite">
        {t("viewer.count", { at: at + 1, count: outputs.length })}
      </span>
      <IconButton
        icon={<ChevronRight />}
        label={t("viewer.next")}
        disabled={at === outputs.length - 1}
        onClick={() => go(at + 1)}
      />
      <span className="viewer-name">{output.name}</span>
      {isPicture(output) ? <PictureTools handle={handle} /> : null}
      <SendMenu output={output} />
      <Hint text={t("viewer.download")}>
        <a
          className="ui-button ui-icon ui-quiet"
          href={relative(output.url)}
          download={output.name}
          aria-label={t("viewer.download")}
        >
          <Download />
        </a>
      </Hint>
      <IconButton
        icon={<FolderOpen />}
        label={t("viewer.workflow")}
        disabled={output.job_id === null}
        onClick={() => void open(output)}
      />
      <IconButton
        icon={<Info />}
        label={t("viewer.facts")}
        pressed={facts}
        onClick={() => showFacts(!facts)}
      />
      <IconButton icon={<X />} label={t("common.close")} onClick={closeViewer} />
    </div>
  );
}

async function open(output: Output): Promise<void> {
  if (output.job_id !== null && (await loadWorkflow(output.job_id))) closeViewer();
}

function PictureTools({ handle }: { readonly handle: ZoomHandle }) {
  const t = useText();
  const { outputs, at, beside } = useViewer();
  const pictures = outputs.flatMap((output, place) => (isPicture(output) ? [place] : []));
  const other = pictures.find((place) => place > at) ?? pictures.find((place) => place !== at);
  return (
    <>
      <IconButton
        icon={<Columns2 />}
        label={t("viewer.compare")}
        pressed={beside !== null}
        disabled={beside === null && other === undefined}
        onClick={() => compareWith(beside === null ? (other ?? null) : null)}
      />
      <IconButton
        icon={<ZoomOut />}
        label={t("viewer.zoomOut")}
        onClick={() => handle.step(false)}
      />
      <IconButton icon={<Maximize />} label={t("viewer.whole")} onClick={handle.whole} />
      <IconButton icon={<ZoomIn />} label={t("viewer.zoomIn")} onClick={() => handle.step(true)} />
    </>
  );
}

function SendMenu({ output }: { readonly output: Output }) {
  const t = useText();
  const doc = useDocuments(openDoc);
  const catalogue = useNodes((state) => state.catalogue);
  const targets = useMemo(
    () => (catalogue ? targetsFor(doc, catalogue, output.type) : []),
    [doc, catalogue, output.type],
  );
  const label = t(targets.length > 0 ? "viewer.send" : "viewer.sendNowhere");
  return (
    <Menu
      trigger={<IconButton icon={<Send />} label={label} disabled={targets.length === 0} />}
      items={targets.map((target) => ({
        label: target.label,
        run: () => void send(output, target),
      }))}
    />
  );
}
