/** A window to paint a mask on a picture; the result is a new input file. */

import { useEffect, useState } from "react";
import { ApiError } from "../../api/client";
import { tellError } from "../../store/toasts";
import { useText } from "../../text/catalogue";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { type InputFile, maskName, upload } from "../files";
import { MaskCanvas } from "./MaskCanvas";
import { MaskTools } from "./MaskTools";
import { loadPixels, masked } from "./picture";
import type { Pixels } from "./png";
import { useMask } from "./store";
import { usePainting } from "./usePainting";
import "./mask.css";

export interface MaskDialogProps {
  readonly file: InputFile;
  /** Told the name of the file that was made. */
  readonly onSaved: (name: string) => void;
  readonly onClose: () => void;
}

export function MaskDialog(props: MaskDialogProps) {
  const t = useText();
  const { file, onClose } = props;
  const [pixels, setPixels] = useState<Pixels>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    let current = true;
    loadPixels(file.url).then(
      (found) => current && setPixels(found),
      (error: Error) => current && setFailed(error.message),
    );
    return () => {
      current = false;
    };
  }, [file.url]);
  if (pixels) return <Painter {...props} pixels={pixels} />;
  return (
    <Dialog open onClose={onClose} title={t("widgets.mask.title", { name: file.name })} wide>
      <p className="mask-wait" role="status">
        {failed === undefined
          ? t("widgets.loading")
          : t("widgets.mask.failed", { message: failed })}
      </p>
    </Dialog>
  );
}

function Painter({ file, onSaved, onClose, pixels }: MaskDialogProps & { pixels: Pixels }) {
  const t = useText();
  const [brush, setBrush] = useState({ size: Math.ceil(pixels.width / 12), erase: false });
  const [zoom, setZoom] = useState(1);
  const [leaving, setLeaving] = useState(false);
  const [busy, setBusy] = useState(false);
  const painting = usePainting(pixels, brush);
  const { canvas, steps } = painting;
  useTouched(steps.length > 0);
  const leave = () => (steps.length > 0 ? setLeaving(true) : onClose());
  const save = async () => {
    if (canvas.current === null) return;
    setBusy(true);
    try {
      const made = await upload(await masked(pixels, canvas.current), maskName(file.name));
      onSaved(made.name);
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tellError(error);
      setBusy(false);
    }
  };
  const actions = leaving ? (
    <>
      <span className="mask-ask">{t("widgets.mask.discard")}</span>
      <Button onClick={() => setLeaving(false)}>{t("widgets.mask.goOn")}</Button>
      <Button kind="danger" onClick={onClose}>
        {t("widgets.mask.leave")}
      </Button>
    </>
  ) : (
    <>
      <Button onClick={leave}>{t("common.cancel")}</Button>
      <Button kind="primary" disabled={busy || steps.length === 0} onClick={() => void save()}>
        {t("widgets.mask.save")}
      </Button>
    </>
  );
  const title = t("widgets.mask.title", { name: file.name });
  return (
    <Dialog open onClose={leave} title={title} actions={actions} wide>
      <MaskTools
        brush={brush}
        setBrush={setBrush}
        zoom={zoom}
        setZoom={setZoom}
        painting={painting}
        largest={Math.max(pixels.width, pixels.height)}
      />
      <MaskCanvas pixels={pixels} painting={painting} brush={brush} zoom={zoom} setZoom={setZoom} />
    </Dialog>
  );
}

/** The page asks before it goes while there are strokes. */
function useTouched(touched: boolean): void {
  useEffect(() => {
    useMask.setState({ touched });
    return () => useMask.setState({ touched: false });
  }, [touched]);
}
