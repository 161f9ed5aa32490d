/** The editor as it is shipped, with a graph open from the start. */

import { createRoot } from "react-dom/client";
import type { Workflow } from "../../web/src/graph/workflow";
import { App } from "../../web/src/shell/App";
import { openTab } from "../../web/src/store/documents";
import "../../web/src/ui/theme.css";
import "./page.css";

const name = new URLSearchParams(location.search).get("graph");
const doc = (await (await fetch(`${name}.json`)).json()) as Workflow;
openTab(doc);
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(<App />);
