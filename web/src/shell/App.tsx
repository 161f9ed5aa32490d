/** The whole page. */

import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { useEffect } from "react";
import { listen } from "../api/events";
import { loadCatalogue } from "../api/nodes";
import { Canvas } from "../canvas/Canvas";
import { TopBar } from "./TopBar";

export function App() {
  useEffect(() => {
    void loadCatalogue();
    return listen();
  }, []);
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={400}>
        <div className="shell">
          <TopBar />
          <main className="shell-main">
            <Canvas />
          </main>
        </div>
      </Tooltip.Provider>
    </CSPProvider>
  );
}
