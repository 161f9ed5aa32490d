/** Values of any shape, as JSON: what is none is kept as text and not taken. */

import { parseExact, writeJson } from "../graph/json";
import type { Json } from "../graph/workflow";
import { useText } from "../text/catalogue";
import { useDraft } from "./drafts";
import { FaultMark } from "./FaultMark";
import type { KindProps } from "./kinds";

export function JsonWidget({ node, input, value, change, done, spoken }: KindProps) {
  const t = useText();
  const draft = useDraft(node, input.name, value);
  const text = draft.text ?? (value === undefined ? "" : writeJson(value));
  const bad =
    draft.text !== undefined && draft.text.trim() !== "" && !("value" in read(draft.text));
  return (
    <>
      <textarea
        className="widget-input widget-area widget-code"
        spellCheck={false}
        placeholder="null"
        {...spoken}
        aria-invalid={bad || spoken["aria-invalid"]}
        value={text}
        onChange={(event) => {
          const found = read(event.target.value);
          if ("value" in found) change(found.value);
          draft.keep(event.target.value, "value" in found ? found.value : value);
        }}
        onBlur={() => {
          if (!bad) draft.drop();
          done();
        }}
      />
      {bad ? (
        <FaultMark
          message={t("widgets.fault.json")}
          fix={{ label: t("widgets.fix.undo"), run: draft.drop }}
        />
      ) : null}
    </>
  );
}

function read(text: string): { value: Json } | { error: string } {
  try {
    return { value: parseExact(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { error: error.message };
    throw error;
  }
}
