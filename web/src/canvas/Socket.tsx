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
}

export function InputSocket({ input, top, lacking, broken }: InputSocketProps) {
  const t = useText();
  const { name, type, wire, required } = input;
  const shape = [
    "node-socket",
    !required && "node-socket-optional",
    wire.list && "node-socket-list",
    lacking && "node-socket-lacking",
    broken !== undefined && "node-socket-broken",
  ];
  const values = { name: input.label ?? name, type };
  let label = t(required ? "canvas.input" : "canvas.inputOptional", values);
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

export function OutputSocket({ output }: { readonly output: OutputSchema }) {
  const t = useText();
  const { name, type, wire } = output;
  const label = t("canvas.output", { name: output.label ?? name, type });
  return (
    <Handle
      id={`out:${name}`}
      type="source"
      position={Position.Right}
      className={wire.list ? "node-socket node-socket-list" : "node-socket"}
      style={{ "--socket": wireColor(wire) }}
      title={label}
      role="img"
      aria-label={label}
    />
  );
}
