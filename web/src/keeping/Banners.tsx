/** What stands between the work and its safety: the server is away, or somebody else saved. */

import { CloudOff, GitBranch, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { activeTab, useDocuments } from "../store/documents";
import { useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { Button } from "../ui/Button";
import { compareWithNewest } from "./saving";
import { useKeeping } from "./store";

const PATIENCE_MS = 1500;

export function Banners() {
  const t = useText();
  const away = useAway();
  const tab = useDocuments(activeTab);
  const behind = useKeeping((state) => state.behind[tab.id]);
  const state = useKeeping((keeping) => keeping.states[tab.id]);
  return (
    <>
      {away ? <Banner icon={<CloudOff />}>{t("keeping.offline")}</Banner> : null}
      {typeof state === "object" ? (
        <Banner icon={<TriangleAlert />}>{t("keeping.refused", { why: state.refused })}</Banner>
      ) : null}
      {behind === undefined ? null : (
        <Banner icon={<GitBranch />}>
          {t("keeping.behind", { version: behind })}
          <Button onClick={() => void compareWithNewest(tab)}>{t("keeping.compare")}</Button>
        </Banner>
      )}
    </>
  );
}

function Banner({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="keeping-banner" role="status">
      {icon}
      <span className="keeping-words">{children}</span>
    </div>
  );
}

/** Whether the server has not been heard for a while; a short break is nothing to tell of. */
function useAway(): boolean {
  const connected = useRuns((state) => state.connected);
  const [away, setAway] = useState(false);
  useEffect(() => {
    if (connected) return setAway(false);
    const timer = setTimeout(() => setAway(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [connected]);
  return away;
}
