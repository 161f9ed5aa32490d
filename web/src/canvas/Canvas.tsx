/** The graph on the screen, drawn by React Flow. */

import {
  Background,
  BackgroundVariant,
  type EdgeTypes,
  MiniMap,
  type NodeTypes,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useStore,
} from "@xyflow/react";
import { useSettings } from "../store/settings";
import { LinkView } from "./LinkView";
import { NodeView } from "./NodeView";
import { useFlow } from "./useFlow";
import { ZoomBar } from "./ZoomBar";
import "@xyflow/react/dist/style.css";
import "./canvas.css";

const NODE_TYPES: NodeTypes = { node: NodeView };
const EDGE_TYPES: EdgeTypes = { link: LinkView };
const GRID: [number, number] = [10, 10];
/** Below this zoom a node is a coloured box with a title. */
const FAR = 0.45;

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  );
}

function Flow() {
  const flow = useFlow();
  const snap = useSettings((state) => state.snap);
  const minimap = useSettings((state) => state.minimap);
  const far = useStore((state) => state.transform[2] < FAR);
  return (
    <ReactFlow
      {...flow}
      className={far ? "canvas canvas-far" : "canvas"}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      onlyRenderVisibleElements
      minZoom={0.05}
      maxZoom={3}
      snapToGrid={snap}
      snapGrid={GRID}
      selectionMode={SelectionMode.Partial}
      selectionKeyCode="Shift"
      multiSelectionKeyCode={["Shift", "Control", "Meta"]}
      deleteKeyCode={null}
      zoomOnDoubleClick={false}
      elevateNodesOnSelect
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
      {minimap ? <MiniMap pannable zoomable className="canvas-minimap" /> : null}
      <Panel position="bottom-left">
        <ZoomBar />
      </Panel>
    </ReactFlow>
  );
}
