/** Panels that are sent to the browser when they are first opened. */

import { type ComponentType, lazy, Suspense } from "react";
import { useText } from "../text/catalogue";

export function late(load: () => Promise<ComponentType>): ComponentType {
  const Late = lazy(async () => ({ default: await load() }));
  return function LatePart() {
    return (
      <Suspense fallback={<Waiting />}>
        <Late />
      </Suspense>
    );
  };
}

function Waiting() {
  const t = useText();
  return <p role="status">{t("panels.loading")}</p>;
}
