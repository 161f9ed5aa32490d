/** The large view, sent to the browser when a result is first opened. */

import { useRef } from "react";
import { late } from "../panels/lazy";
import { useViewer } from "../store/viewer";

const Viewer = late(async () => (await import("./Viewer")).Viewer, null);

export function LateViewer() {
  const open = useViewer((state) => state.outputs.length > 0);
  const wanted = useRef(false);
  wanted.current ||= open;
  return wanted.current ? <Viewer /> : null;
}
