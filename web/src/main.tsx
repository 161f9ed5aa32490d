import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./shell/App";
import { applyLook } from "./shell/theme";
import { useSettings } from "./store/settings";
import "./ui/theme.css";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
applyLook(useSettings.getState());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
