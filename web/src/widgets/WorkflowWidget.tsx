/** A workflow inside of a node: a button that opens it. */

import { Workflow as Icon } from "lucide-react";
import { setInput } from "../graph/edits";
import { EMPTY, type Json, nodesOf, type Workflow } from "../graph/workflow";
import { activeTab, edit, openPath } from "../store/documents";
import { useText } from "../text/catalogue";
import { JsonWidget } from "./JsonWidget";
import type { KindProps } from "./kinds";

/** The input that paths lead through. */
const BODY = "body";

export function WorkflowWidget(props: KindProps) {
  const { node, input, value, spoken } = props;
  const t = useText();
  if (input.name !== BODY) return <JsonWidget {...props} />;
  const body = isWorkflow(value) ? value : undefined;
  const open = () => {
    if (body === undefined) {
      const fresh = { ...EMPTY, inputs: {}, outputs: {} } as unknown as Json;
      edit("widgets.edit.body", (doc) => setInput(doc, node, BODY, fresh));
    }
    openPath([...activeTab().path, node]);
  };
  const { "aria-label": name, ...described } = spoken;
  const words = body
    ? t("widgets.workflow.open", { count: Object.keys(nodesOf(body)).length })
    : t("widgets.workflow.create");
  return (
    <button
      type="button"
      className="widget-input widget-open"
      {...described}
      aria-label={`${name}: ${words}`}
      onClick={open}
    >
      <Icon />
      {words}
    </button>
  );
}

function isWorkflow(value: unknown): value is Workflow {
  return typeof value === "object" && value !== null && "nodegraph" in value;
}
