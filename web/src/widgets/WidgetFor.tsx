/** The widget of an input, chosen by its kind. */

import { type ComponentType, memo } from "react";
import { heightOf, WIDGET_ROW } from "../graph/metrics";
import { isLink, literalOf, unwrapped } from "../graph/workflow";
import { seal } from "../store/documents";
import { useText } from "../text/catalogue";
import { BoolWidget } from "./BoolWidget";
import { ChoiceWidget } from "./ChoiceWidget";
import { ColorWidget } from "./ColorWidget";
import { setValue } from "./change";
import { FileWidget } from "./FileWidget";
import { JsonWidget } from "./JsonWidget";
import { type KindProps, kindOf, type WidgetProps } from "./kinds";
import { LinkedWidget } from "./LinkedWidget";
import { ListWidget } from "./ListWidget";
import { ModelWidget } from "./ModelWidget";
import { NumberWidget } from "./NumberWidget";
import { useOutside } from "./outside";
import { PromptWidget } from "./PromptWidget";
import { SecretWidget } from "./SecretWidget";
import { SeedWidget } from "./SeedWidget";
import { TextWidget } from "./TextWidget";
import { WidgetFrame } from "./WidgetFrame";
import { WorkflowWidget } from "./WorkflowWidget";
import { useWrong } from "./wrong";
import "./widgets.css";
import "./popups.css";

export type { WidgetProps };

const KINDS: { readonly [kind: string]: ComponentType<KindProps> } = {
  int: NumberWidget,
  float: NumberWidget,
  text: TextWidget,
  multiline: PromptWidget,
  color: ColorWidget,
  bool: BoolWidget,
  choice: ChoiceWidget,
  model: ModelWidget,
  file: FileWidget,
  seed: SeedWidget,
  secret: SecretWidget,
  int_list: ListWidget,
  float_list: ListWidget,
  text_list: ListWidget,
  workflow: WorkflowWidget,
};

/** Drawn again only when its own value changes. */
export const WidgetFor = memo(function WidgetFor(own: WidgetProps) {
  const t = useText();
  const { node, input } = own;
  const outside = useOutside(node, input.name);
  const value = outside ? outside.value : own.value;
  const props = { ...own, value };
  const { name, label = name, widget = { kind: "json" } } = input;
  const wrong = useWrong(props);
  const linked = isLink(value);
  const set = outside && t("widgets.outside");
  const spoken = {
    "aria-label": props.label ?? label,
    "aria-description": [input.help, wrong?.message, set].filter(Boolean).join(" ") || undefined,
    "aria-invalid": wrong ? true : undefined,
  };
  const Kind = KINDS[kindOf(input)] ?? JsonWidget;
  const held = unwrapped(value) === undefined ? input.default : value;
  return (
    <WidgetFrame
      target={props}
      tall={heightOf(widget, name) > WIDGET_ROW}
      wrong={wrong}
      outside={outside !== undefined}
    >
      {linked ? (
        <LinkedWidget link={value} name={label} path={outside?.path} />
      ) : (
        <Kind
          node={node}
          input={input}
          widget={widget}
          value={Kind === JsonWidget ? unwrapped(held) : literalOf(held)}
          change={(made) => setValue(node, name, made)}
          done={seal}
          spoken={spoken}
        />
      )}
    </WidgetFrame>
  );
});
