/** The editor as it is shipped, with a graph open from the start. */

import type { Workflow } from "../../web/src/graph/workflow";
import { start } from "../../web/src/shell/start";
import { openTab } from "../../web/src/store/documents";
import "./page.css";

async function begin(root: HTMLElement): Promise<void> {
  const name = new URLSearchParams(location.search).get("graph");
  openTab((await (await fetch(`${name}.json`)).json()) as Workflow);
  start(root);
}

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
void begin(root);
