/** Where links begin and end. Round: a value; square: a list; hollow: it may stay unlinked. */

import { Handle, Position } from "@xyflow/react";
import type { InputSchema, OutputSchema } from "../graph/schema";
import { useText } from "../text/catalogue";
import { wireColor } from "./colors";

interface InputSocketProps {
  readonly input: InputSchema;
  /** From the top of what it is in. */
  readonly top?: number;
  /** Nothing is linked, nothing is set, and there is no default. */
  readonly lacking?: boolean;
  /** Where its link should lead, but nothing is. */
  readonly broken?: string | undefined;
  /** It is a port of the subgraph that is open. */
  readonly port?: boolean;
}

export function InputSocket({ input, top, lacking, broken, port }: InputSocketProps) {
  const t = useText();
  const { name, type, wire, required } = input;
  const shape = [
    "node-socket",
    !required && "node-socket-optional",
    wire.list && "node-socket-list",
    lacking && "node-socket-lacking",
    broken !== undefined && "node-socket-broken",
    port && "node-socket-port",
  ];
  const values = { name: input.label ?? name, type };
  let label = t(required ? "canvas.input" : "canvas.inputOptional", values);
  if (port) label = t("canvas.port", { label });
  if (lacking) label = t("canvas.inputLacking", values);
  if (broken !== undefined) label = t("canvas.inputBroken", { ...values, from: broken });
  return (
    <Handle
      id={`in:${name}`}
      type="target"
      position={Position.Left}
      className={shape.filter(Boolean).join(" ")}
      style={{ "--socket": wireColor(wire), ...(top !== undefined && { top }) }}
      title={label}
      role="img"
      aria-label={label}
    />
  );
}

interface OutputSocketProps {
  readonly output: OutputSchema;
  readonly port?: boolean;
}

export function OutputSocket({ output, port }: OutputSocketProps) {
  const t = useText();
  const { name, type, wire } = output;
  const named = t("canvas.output", { name: output.label ?? name, type });
  const label = port ? t("canvas.port", { label: named }) : named;
  const shape = ["node-socket", wire.list && "node-socket-list", port && "node-socket-port"];
  return (
    <Handle
      id={`out:${name}`}
      type="source"
      position={Position.Right}
      className={shape.filter(Boolean).join(" ")}
      style={{ "--socket": wireColor(wire) }}
      title={label}
      role="img"
      aria-label={label}
    />
  );
}
