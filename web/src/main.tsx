import { start } from "./shell/start";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
start(root);
