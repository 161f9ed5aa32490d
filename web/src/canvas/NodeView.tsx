/** One node: its title, its sockets, its widgets, what it made. */

import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import type { SocketRow, WidgetRow } from "../graph/metrics";
import type { InputSchema, OutputSchema } from "../graph/schema";
import type { NodeEntry } from "../graph/workflow";
import { placeOf } from "../graph/workflow";
import { openDoc, useDocuments } from "../store/documents";
import { WidgetFor } from "../widgets/WidgetFor";
import { wireColor } from "./colors";
import type { FlowNode } from "./flow";
import { NodeHead } from "./NodeHead";
import { NodeResult } from "./NodeResult";
import { useReport } from "./report";
import "./node.css";

const NOTHING: NodeEntry = { type: "" };

export const NodeView = memo(function NodeView({ id, data, selected }: NodeProps<FlowNode>) {
  const entry = useDocuments((state) => openDoc(state).nodes?.[id]) ?? NOTHING;
  const place = useDocuments((state) => openDoc(state).layout?.[id]);
  const report = useReport(id);
  const { rows, ports } = data;
  const { color, collapsed } = placeOf({ nodegraph: 1, layout: { [id]: place } }, id);
  const states = [
    "node",
    selected && "node-selected",
    ports.schema === undefined && entry.type !== "Subgraph" && "node-missing",
    entry.mode && `node-${entry.mode}`,
    report && `node-is-${report.status}`,
  ];
  return (
    <article
      className={states.filter(Boolean).join(" ")}
      style={{ height: rows.height, ...(color && { "--node-color": color }) }}
      data-node={id}
    >
      <NodeHead id={id} entry={entry} schema={ports.schema} report={report} />
      {rows.sockets.map((row) => (
        <Sockets key={row.input?.name ?? row.output?.name} row={row} bare={collapsed === true} />
      ))}
      {rows.widgets.map((row) => (
        <WidgetLine key={row.input.name} id={id} row={row} entry={entry} />
      ))}
      <NodeResult id={id} />
    </article>
  );
});

function Sockets({ row, bare }: { row: SocketRow; bare: boolean }) {
  return (
    <div className="node-row" style={{ top: row.y }}>
      {row.input ? <In input={row.input} bare={bare} /> : null}
      {row.output ? <Out output={row.output} bare={bare} /> : null}
    </div>
  );
}

function In({ input, bare }: { input: InputSchema; bare: boolean }) {
  const style = { background: wireColor(input.wire) };
  const kind = input.required ? "node-socket" : "node-socket node-optional";
  return (
    <>
      <Handle
        id={`in:${input.name}`}
        type="target"
        position={Position.Left}
        className={kind}
        style={style}
        aria-label={input.name}
      />
      {bare ? null : <span className="node-label">{input.name}</span>}
    </>
  );
}

function Out({ output, bare }: { output: OutputSchema; bare: boolean }) {
  return (
    <>
      {bare ? null : <span className="node-label node-label-out">{output.name}</span>}
      <Handle
        id={`out:${output.name}`}
        type="source"
        position={Position.Right}
        className="node-socket"
        style={{ background: wireColor(output.wire) }}
        aria-label={output.name}
      />
    </>
  );
}

function WidgetLine({ id, row, entry }: { id: string; row: WidgetRow; entry: NodeEntry }) {
  const { input } = row;
  return (
    <div className="node-widget" style={{ top: row.top, height: row.height }}>
      <Handle
        id={`in:${input.name}`}
        type="target"
        position={Position.Left}
        className="node-socket node-optional"
        style={{ background: wireColor(input.wire), top: row.y - row.top }}
        aria-label={input.name}
      />
      <div className="node-widget-body nodrag">
        <WidgetFor node={id} input={input} value={entry.inputs?.[input.name]} />
      </div>
    </div>
  );
}
