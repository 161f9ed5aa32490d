/** Input files: chosen, uploaded, pasted or dropped; pictures are shown and can get a mask. */

import { Brush, Upload } from "lucide-react";
import { useRef } from "react";
import { here, type Spot } from "../store/documents";
import { useText } from "../text/catalogue";
import { setOnce } from "./change";
import { FaultMark } from "./FaultMark";
import { FileChoice } from "./FileChoice";
import { acceptOf, type InputFile, useInputFile } from "./files";
import type { KindProps } from "./kinds";
import { paintMask } from "./mask/store";
import { useTaking } from "./taking";
import { WidgetButton } from "./WidgetButton";
import "./files.css";

export function FileWidget({ node, input, widget, value, spoken }: KindProps) {
  const t = useText();
  const kind = widget.accept ?? "";
  const name = typeof value === "string" && value !== "" ? value : undefined;
  const file = useInputFile(name);
  const dialog = useRef<HTMLInputElement>(null);
  const take = (made: string, spot?: Spot) => setOnce(node, input.name, made, spot);
  const taking = useTaking(kind, take);
  const asked = () => dialog.current?.click();
  const gone = file === null && !spoken["aria-invalid"];
  const picture = kind === "image";
  return (
    <div className={picture ? "widget-file widget-file-image" : "widget-file"} {...taking.events}>
      <div className="widget-head">
        <FileChoice kind={kind} name={name} take={take} spoken={spoken} />
        <WidgetButton icon={<Upload />} label={t("widgets.file.upload")} onClick={asked} />
        {gone ? <FaultMark mild message={t("widgets.fault.file", { value: name ?? "" })} /> : null}
      </div>
      {picture ? (
        <Picture
          file={file ?? undefined}
          busy={taking.busy}
          over={taking.over}
          onAsk={asked}
          take={take}
        />
      ) : null}
      <input
        ref={dialog}
        type="file"
        hidden
        tabIndex={-1}
        accept={acceptOf(kind)}
        onChange={(event) => {
          taking.give(event.target.files);
          event.target.value = "";
        }}
      />
    </div>
  );
}

interface PictureProps {
  readonly file: InputFile | undefined;
  readonly busy: boolean;
  readonly over: boolean;
  readonly onAsk: () => void;
  readonly take: (name: string, spot: Spot) => void;
}

function Picture({ file, busy, over, onAsk, take }: PictureProps) {
  const t = useText();
  const paint = (picture: InputFile) => {
    const spot = here();
    paintMask(picture, (name) => take(name, spot));
  };
  const url = file?.thumbnail_url ?? undefined;
  return (
    <div className="widget-picture" data-over={over || undefined}>
      <button
        type="button"
        className="widget-drop"
        aria-label={t("widgets.file.drop")}
        onClick={onAsk}
      >
        {url ? (
          <img src={url} alt="" draggable={false} />
        ) : (
          <span>{t(busy ? "widgets.file.busy" : "widgets.file.drop")}</span>
        )}
      </button>
      {url && file ? (
        <span className="widget-picture-tools">
          <WidgetButton
            icon={<Brush />}
            label={t("widgets.file.mask")}
            onClick={() => paint(file)}
          />
        </span>
      ) : null}
    </div>
  );
}
