/** The large view, sent to the browser when a result is first opened. */

import { lazy, Suspense, useRef } from "react";
import { useViewer } from "../store/viewer";

const Viewer = lazy(async () => ({ default: (await import("./Viewer")).Viewer }));

export function LateViewer() {
  const open = useViewer((state) => state.outputs.length > 0);
  const wanted = useRef(false);
  wanted.current ||= open;
  if (!wanted.current) return null;
  return (
    <Suspense fallback={null}>
      <Viewer />
    </Suspense>
  );
}
