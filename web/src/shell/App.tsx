/** The whole page: bars, panel, and the canvas or the form. */

import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { type MouseEvent, useEffect } from "react";
import { Canvas } from "../canvas/Canvas";
import { FormPage } from "../form/FormPage";
import { activeTab, useDocuments } from "../store/documents";
import { useView } from "../store/view";
import { useText } from "../text/catalogue";
import { Guard } from "../ui/Guard";
import { OVER_CANVAS, OVERLAYS, STARTS } from "./parts";
import { Rail } from "./Rail";
import { SidePanel } from "./SidePanel";
import { Toasts } from "./Toasts";
import { TopBar } from "./TopBar";
import "./shell.css";

export function App() {
  useEffect(() => {
    const ends = STARTS.map((start) => start());
    return () => {
      for (const end of ends) end?.();
    };
  }, []);
  const page = useView((state) => state.page);
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={400}>
        <SkipLink />
        {page === "form" ? (
          <Guard key="form">
            <FormPage />
          </Guard>
        ) : (
          <GraphPage />
        )}
        {OVERLAYS.map((Overlay, place) => (
          <Guard key={`overlay ${place}`} silent>
            <Overlay />
          </Guard>
        ))}
        <Toasts />
      </Tooltip.Provider>
    </CSPProvider>
  );
}

function GraphPage() {
  return (
    <div className="shell">
      <TopBar />
      <Rail />
      <SidePanel />
      <Main />
    </div>
  );
}

function Main() {
  const t = useText();
  const tab = useDocuments((state) => activeTab(state).id);
  return (
    <main className="shell-main" id="main" tabIndex={-1} aria-label={t("shell.canvas")}>
      <div className="shell-over">
        {OVER_CANVAS.map((Part, place) => (
          <Guard key={`over ${place}`} silent>
            <Part />
          </Guard>
        ))}
      </div>
      <div className="shell-canvas">
        {/* What one workflow breaks is whole for the next. */}
        <Guard of={tab}>
          <Canvas />
        </Guard>
      </div>
    </main>
  );
}

function SkipLink() {
  const t = useText();
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    document.getElementById("main")?.focus();
  };
  return (
    // biome-ignore lint/a11y/useValidAnchor: it goes there, but the address stays that of the page
    <a className="shell-skip" href="#main" onClick={skip}>
      {t("shell.skip")}
    </a>
  );
}
