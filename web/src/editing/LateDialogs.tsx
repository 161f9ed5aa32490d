/** The dialogs of the editing tools, fetched when the first one is opened. */

import { lazy, Suspense } from "react";
import { useEditing } from "./store";

const Dialogs = lazy(async () => ({ default: (await import("./Dialogs")).EditDialogs }));

export function LateDialogs() {
  const isOpen = useEditing((state) => state.dialog !== null);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <Dialogs />
    </Suspense>
  );
}
