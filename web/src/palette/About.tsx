/** What a node type is: its description, what it takes and gives. */

import { wireColor } from "../canvas/colors";
import type { InputSchema, NodeSchema, OutputSchema } from "../graph/schema";
import { useNodes } from "../store/nodes";
import { useText } from "../text/catalogue";

export function About({ schema }: { readonly schema: NodeSchema }) {
  const t = useText();
  const catalogue = useNodes((state) => state.catalogue);
  const { description, display_name, name, category, inputs, outputs, deprecated } = schema;
  return (
    <>
      <h3>{display_name}</h3>
      <p className="palette-quiet">
        {[name, catalogue?.categoryPath(category) ?? category].filter(Boolean).join(" · ")}
      </p>
      {deprecated === null ? null : <p>{t("palette.deprecated", { instead: deprecated })}</p>}
      <p>{flowing(description)}</p>
      <Ports label={t("palette.inputs")} ports={inputs} />
      <Ports label={t("palette.outputs")} ports={outputs} />
    </>
  );
}

/** What is in a category, before it is opened. */
export function AboutCategory({ nodes }: { readonly nodes: readonly NodeSchema[] }) {
  return (
    <ul>
      {nodes.map((schema) => (
        <li key={schema.name}>{schema.display_name}</li>
      ))}
    </ul>
  );
}

/** Lines of a docstring end where the source does, paragraphs at an empty line. */
export function flowing(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)\s*/g, " ");
}

interface PortsProps {
  readonly label: string;
  readonly ports: readonly (InputSchema | OutputSchema)[];
}

function Ports({ label, ports }: PortsProps) {
  if (ports.length === 0) return null;
  return (
    <>
      <h4>{label}</h4>
      <ul>
        {ports.map((port) => (
          <li key={port.name}>
            <span className="palette-dot" style={{ background: wireColor(port.wire) }} />
            <span>{port.label ?? port.name}</span>
            <span>{port.type}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
