/** Lists of numbers or texts: one on each line. */

import type { Json } from "../graph/workflow";
import { useText } from "../text/catalogue";
import { shown } from "./checks";
import { useDraft } from "./drafts";
import { FaultMark } from "./FaultMark";
import { JsonWidget } from "./JsonWidget";
import type { KindProps } from "./kinds";
import { evaluateLines, linesOf } from "./lists";

export function ListWidget(props: KindProps) {
  // Texts of several lines would be torn apart.
  const torn = (one: Json) =>
    typeof one === "object" || (typeof one === "string" && /\n/.test(one));
  const { value } = props;
  const plain =
    value === undefined || value === null || (Array.isArray(value) && !value.some(torn));
  return plain ? <Lines {...props} /> : <JsonWidget {...props} />;
}

function Lines({ node, input, widget, value, change, done, spoken }: KindProps) {
  const t = useText();
  const draft = useDraft(node, input.name, value);
  const text = draft.text ?? linesOf(value);
  const bad = draft.text === undefined ? undefined : evaluateLines(draft.text, widget).bad;
  return (
    <>
      <textarea
        className="widget-input widget-area"
        spellCheck={false}
        placeholder={t("widgets.list.hint")}
        {...spoken}
        aria-invalid={bad !== undefined || spoken["aria-invalid"]}
        value={text}
        onChange={(event) => {
          const { values, bad: wrong } = evaluateLines(event.target.value, widget);
          if (wrong === undefined) change(values);
          draft.keep(event.target.value, wrong === undefined ? values : value);
        }}
        onBlur={() => {
          if (bad === undefined) draft.drop();
          done();
        }}
      />
      {bad === undefined ? null : (
        <FaultMark
          message={t("widgets.fault.line", { value: shown(bad) })}
          fix={{ label: t("widgets.fix.undo"), run: draft.drop }}
        />
      )}
    </>
  );
}
