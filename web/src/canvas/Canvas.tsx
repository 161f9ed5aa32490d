/** The graph on the screen, drawn by React Flow. */

import {
  type EdgeTypes,
  type NodeTypes,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStoreApi,
} from "@xyflow/react";
import { useEffect, useMemo } from "react";
import { useSettings } from "../store/settings";
import { LevelContext, useLevel } from "./detail";
import { addedViews, overlays, useAddedProps } from "./extensions";
import { FarLinks } from "./FarLinks";
import type { AnyNode, FlowEdge } from "./flow";
import { MAX_ZOOM, MIN_ZOOM } from "./framing";
import { GRID } from "./grid";
import { Lift } from "./Lift";
import { LinkView } from "./LinkView";
import { useLabels } from "./labels";
import { NodeView } from "./NodeView";
import { Overview } from "./Overview";
import { PlainFrame, PlainNote } from "./PlainBox";
import { Raster } from "./Raster";
import { ScopeContext, useScopeNow } from "./report";
import { useFlow } from "./useFlow";
import { openInside, useMenus } from "./useMenus";
import { useViewport } from "./useViewport";
import { setInstance, useCanvasMode } from "./view";
import { ZoomBar } from "./ZoomBar";
import "@xyflow/react/dist/style.css";
import "./canvas.css";

const EDGE_TYPES: EdgeTypes = { link: LinkView };
const PLAIN: NodeTypes = { node: NodeView, frame: PlainFrame, note: PlainNote };
/** The middle and the right button; the left one too, unless it selects. */
const PAN = [0, 1, 2];
const PAN_SELECTING = [1, 2];
const NO_EDGES: FlowEdge[] = [];
const MULTI = ["Shift", "Control", "Meta"];

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Flow />
    </ReactFlowProvider>
  );
}

function Flow() {
  const flow = useFlow();
  const scope = useScopeNow();
  const steady = useMemo(
    () => ({ tab: scope.tab, prefix: scope.prefix }),
    [scope.tab, scope.prefix],
  );
  const snap = useSettings((state) => state.snap);
  const minimap = useSettings((state) => state.minimap);
  const selecting = useCanvasMode((state) => state.selecting);
  const level = useLevel();
  const tiny = level === "tiny";
  const views = useMemo(() => ({ ...PLAIN, ...addedViews() }), []);
  useInstance();
  const onMoveEnd = useViewport(flow.nodes.length === 0);
  return (
    <ScopeContext value={steady}>
      <LevelContext value={level}>
        <ReactFlow
          {...flow}
          edges={tiny ? NO_EDGES : flow.edges}
          {...useLabels()}
          {...useMenus()}
          className={tiny ? "canvas canvas-tiny" : "canvas"}
          nodeTypes={views}
          edgeTypes={EDGE_TYPES}
          onMoveEnd={onMoveEnd}
          onNodeDoubleClick={openInside}
          onlyRenderVisibleElements={!tiny}
          minZoom={MIN_ZOOM}
          maxZoom={MAX_ZOOM}
          snapToGrid={snap}
          snapGrid={GRID}
          panOnDrag={selecting ? PAN_SELECTING : PAN}
          selectionOnDrag={selecting}
          selectionMode={SelectionMode.Partial}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={MULTI}
          deleteKeyCode={null}
          zoomOnDoubleClick={false}
          elevateNodesOnSelect={false}
          zIndexMode="manual"
          edgesFocusable={false}
          {...useAddedProps()}
        >
          <Raster />
          <Lift />
          {tiny ? <FarLinks links={flow.edges} /> : null}
          {minimap ? <Overview /> : null}
          <Panel position="bottom-left">
            <ZoomBar />
          </Panel>
          {overlays().map((Overlay, place) => (
            <Overlay key={place} />
          ))}
        </ReactFlow>
      </LevelContext>
    </ScopeContext>
  );
}

function useInstance(): void {
  const flow = useReactFlow<AnyNode, FlowEdge>();
  const store = useStoreApi();
  useEffect(() => {
    setInstance(flow, () => store.getState().domNode);
    return () => setInstance(null, () => null);
  }, [flow, store]);
}
