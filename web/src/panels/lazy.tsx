/** Parts that are sent to the browser when they are first shown. */

import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";

/** `meanwhile` is shown until it is there. */
export function late(load: () => Promise<ComponentType>, meanwhile?: ReactNode): ComponentType {
  const Late = lazy(async () => {
    try {
      return { default: await load() };
    } catch {
      return { default: Outdated };
    }
  });
  return function LatePart() {
    return (
      <Suspense fallback={meanwhile === undefined ? <Waiting /> : meanwhile}>
        <Late />
      </Suspense>
    );
  };
}

function Waiting() {
  const t = useText();
  return (
    <p className="panels-empty" role="status">
      {t("panels.loading")}
    </p>
  );
}

/** The server is not there, or serves a newer editor, whose files have other names. */
function Outdated() {
  const t = useText();
  return (
    <div className="panels-empty" role="alert">
      <p>{t("panels.outdated")}</p>
      <Button onClick={() => location.reload()}>{t("panels.reload")}</Button>
    </div>
  );
}
