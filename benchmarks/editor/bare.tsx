/** The same graph in React Flow as it comes: its own nodes and edges, nothing of the editor. */

import { type Edge, type Node, ReactFlow } from "@xyflow/react";
import { createRoot } from "react-dom/client";
import { nodesOf, placeOf, edgesOf, type Workflow } from "../../web/src/graph/workflow";
import "@xyflow/react/dist/style.css";
import "./page.css";

async function begin(root: HTMLElement): Promise<void> {
  const name = new URLSearchParams(location.search).get("graph");
  const doc = (await (await fetch(`${name}.json`)).json()) as Workflow;
  const nodes: Node[] = Object.keys(nodesOf(doc)).map((id) => ({
    id,
    position: { x: placeOf(doc, id).x ?? 0, y: placeOf(doc, id).y ?? 0 },
    data: { label: id },
  }));
  const edges: Edge[] = edgesOf(doc).map(({ id, source, target }) => ({ id, source, target }));
  createRoot(root).render(
    <ReactFlow
      defaultNodes={nodes}
      defaultEdges={edges}
      minZoom={0.05}
      onlyRenderVisibleElements
      fitView
    />,
  );
}

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
void begin(root);
