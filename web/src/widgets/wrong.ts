/** What is wrong with an input, and the way out of it. */

import { isLink, type Json, literalOf } from "../graph/workflow";
import { problemText } from "../running/problemText";
import { useText } from "../text/catalogue";
import { resetValue } from "./change";
import { faultOf } from "./checks";
import type { WidgetProps } from "./kinds";
import { fixOf, useProblem } from "./problems";

export interface Wrong {
  readonly message: string;
  readonly nearest?: Json | undefined;
  readonly reset?: () => void;
}

/** What the server refused, or what is plain to see without asking it. */
export function useWrong({ node, input, value }: WidgetProps): Wrong | undefined {
  const t = useText();
  const problem = useProblem(node, input.name, value);
  const fault = isLink(value) ? undefined : faultOf(input, literalOf(value));
  if (problem === undefined && fault === undefined) return undefined;
  const message = (problem && problemText(problem)) ?? t(fault?.key ?? "", fault?.values);
  const nearest = fault?.nearest ?? (problem && fixOf(problem, input));
  const unknown = fault?.nearest === undefined && nearest === undefined;
  if (!unknown) return { message, nearest };
  const hasDefault = input.default !== undefined && input.default !== null && !isLink(value);
  return hasDefault ? { message, reset: () => resetValue(node, input.name) } : { message };
}
