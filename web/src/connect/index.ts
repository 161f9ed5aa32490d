/** Linking nodes by pointer, as an extension of the canvas. */

import { useStoreApi } from "@xyflow/react";
import { useMemo } from "react";
import { type CanvasProps, extendCanvas } from "../canvas/extensions";
import { carry, putDown, startCarrying } from "./inserting";
import { Overlay } from "./Overlay";
import "./commands";

function useProps(): CanvasProps {
  const store = useStoreApi();
  return useMemo((): CanvasProps => {
    const canvas = () => store.getState().domNode;
    return {
      // Links are dragged by `pointer.ts`, and the keys of the canvas are commands.
      nodesConnectable: false,
      disableKeyboardA11y: true,
      panActivationKeyCode: null,
      onNodeDragStart: (_event, _node, nodes) => startCarrying(canvas(), nodes),
      onNodeDrag: (_event, node) => carry(canvas(), node),
      onNodeDragStop: (_event, node) => putDown(canvas(), node),
    };
  }, [store]);
}

extendCanvas({ useProps, Overlay });
