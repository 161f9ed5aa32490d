/** The title of a node, typed where it stands. */

import { useStore, ViewportPortal } from "@xyflow/react";
import type { AnyNode } from "../canvas/flow";
import { HEADER } from "../graph/metrics";
import { placeOf } from "../graph/workflow";
import { openDoc } from "../store/documents";
import { titleOf } from "./picked";
import { useEditing } from "./store";
import { TitleField } from "./TitleField";

export function Renaming() {
  const writing = useEditing((state) => state.writing);
  const node = useStore((state) =>
    writing === null ? undefined : (state.nodeLookup.get(writing)?.internals.userNode as AnyNode),
  );
  if (writing === null || node?.type !== "node") return null;
  const doc = openDoc();
  const { title = "" } = placeOf(doc, writing);
  return (
    <ViewportPortal>
      <div
        className="editing-rename"
        style={{
          transform: `translate(${node.position.x}px, ${node.position.y}px)`,
          width: node.width,
          height: HEADER,
        }}
      >
        <TitleField key={writing} id={writing} title={title || titleOf(doc, writing)} />
      </div>
    </ViewportPortal>
  );
}
