/** The mask painter, sent to the browser when it is first opened. */

import { lazy, Suspense } from "react";
import { closeMask, useMask } from "./store";

const MaskDialog = lazy(async () => ({ default: (await import("./MaskDialog")).MaskDialog }));

export function LateMask() {
  const { file, take } = useMask();
  if (file === null) return null;
  return (
    <Suspense fallback={null}>
      <MaskDialog key={file.name} file={file} onSaved={take} onClose={closeMask} />
    </Suspense>
  );
}
