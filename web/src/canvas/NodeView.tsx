/** One node: its title, its sockets, its widgets, what it made; or a box with its title. */

import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import type { SocketRow, WidgetRow } from "../graph/metrics";
import type { InputSchema } from "../graph/schema";
import { SUBGRAPH } from "../graph/workflow";
import type { NodeReport, Problem } from "../store/runs";
import { SocketName } from "../widgets/SocketName";
import { WidgetFor } from "../widgets/WidgetFor";
import { useIsBox } from "./detail";
import type { FlowNode, NodeData } from "./flow";
import { NodeHead } from "./NodeHead";
import { NodeResult } from "./NodeResult";
import { useProblems, useReport } from "./report";
import { InputSocket, OutputSocket } from "./Socket";
import { WidthGrip } from "./WidthGrip";
import "./node.css";

export const NodeView = memo(function NodeView({ id, data, selected }: NodeProps<FlowNode>) {
  const report = useReport(id);
  const problems = useProblems(id);
  const box = useIsBox();
  const { rows, place } = data;
  return (
    <article
      className={classOf(data, selected, box, report, problems)}
      style={{ height: rows.height, ...(place.color && { "--node-color": place.color }) }}
      data-node={id}
    >
      {box ? (
        <span className="node-far-title">{data.title}</span>
      ) : (
        <Details id={id} data={data} report={report} problems={problems} selected={selected} />
      )}
    </article>
  );
});

function classOf(
  { entry, place, ports, broken }: NodeData,
  selected: boolean,
  box: boolean,
  report: NodeReport | undefined,
  problems: readonly Problem[],
): string {
  const states = [
    "node",
    box && "node-far",
    selected && "node-selected",
    place.color && "node-colored",
    place.collapsed && "node-collapsed",
    ports.schema === undefined && entry.type !== SUBGRAPH && "node-missing",
    entry.type === SUBGRAPH && "node-subgraph",
    entry.mode && `node-${entry.mode}`,
    report && `node-is-${report.status}`,
    (problems.length > 0 || broken.size > 0) && "node-wrong",
  ];
  return states.filter(Boolean).join(" ");
}

interface DetailsProps {
  readonly id: string;
  readonly data: NodeData;
  readonly report: NodeReport | undefined;
  readonly problems: readonly Problem[];
  readonly selected: boolean;
}

function Details({ id, data, report, problems, selected }: DetailsProps) {
  const { rows, place } = data;
  const wrong = new Set(problems.map((problem) => problem.field));
  return (
    <>
      <NodeHead id={id} data={data} report={report} problems={problems} />
      {rows.sockets.map((row) => (
        <Sockets
          key={`${row.input?.name} ${row.output?.name}`}
          id={id}
          row={row}
          data={data}
          wrong={wrong.has(row.input?.name ?? "")}
        />
      ))}
      {rows.widgets.map((row) => (
        <WidgetLine
          key={row.input.name}
          id={id}
          row={row}
          data={data}
          wrong={wrong.has(row.input.name)}
        />
      ))}
      {place.collapsed ? null : <NodeResult id={id} />}
      {selected ? <WidthGrip id={id} width={rows.width} /> : null}
    </>
  );
}

interface SocketsProps {
  readonly id: string;
  readonly row: SocketRow;
  readonly data: NodeData;
  readonly wrong: boolean;
}

function Sockets({ id, row, data, wrong }: SocketsProps) {
  const { input, output, y } = row;
  const bare = data.place.collapsed === true;
  return (
    <div className={wrong ? "node-row node-row-wrong" : "node-row"} style={{ top: y }}>
      {input ? <InputSocket input={input} {...stateOf(input, data)} /> : null}
      {input && !bare ? (
        <span className="node-label">
          <SocketName node={id} input={input} value={data.entry.inputs?.[input.name]} />
        </span>
      ) : null}
      {output && !bare ? (
        <span className="node-label node-label-out" title={output.label ?? output.name}>
          {output.label ?? output.name}
        </span>
      ) : null}
      {output ? (
        <OutputSocket output={output} port={data.exposed.has(`out:${output.name}`)} />
      ) : null}
    </div>
  );
}

function stateOf(input: InputSchema, { entry, linked, broken, exposed }: NodeData) {
  const { name, required } = input;
  const set = linked.has(name) || entry.inputs?.[name] !== undefined;
  const port = exposed.has(`in:${name}`);
  return { lacking: required && !set && !port, broken: broken.get(name), port };
}

interface WidgetLineProps {
  readonly id: string;
  readonly row: WidgetRow;
  readonly data: NodeData;
  readonly wrong: boolean;
}

const WidgetLine = memo(function WidgetLine({ id, row, data, wrong }: WidgetLineProps) {
  const { input, top, height, y } = row;
  const { broken, port } = stateOf(input, data);
  return (
    <div
      className={wrong ? "node-widget node-row-wrong" : "node-widget"}
      style={{ top, height }}
      data-field={input.name}
    >
      <InputSocket input={input} top={y - top} broken={broken} port={port} />
      <div className="node-widget-body nodrag">
        <WidgetFor node={id} input={input} value={data.entry.inputs?.[input.name]} />
      </div>
    </div>
  );
});
