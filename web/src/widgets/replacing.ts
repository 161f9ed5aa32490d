/** Changing a text in its field as if it was typed, so that the field's own undo knows of it. */

export interface Replacement {
  readonly start: number;
  readonly end: number;
  /** What stands in place of the part from `start` to `end`. */
  readonly text: string;
}

/** The least that makes one text of another. */
export function replacement(before: string, after: string): Replacement {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/** Types the change into a field that has the focus; false where the browser would not do it. */
export function typed(field: HTMLTextAreaElement, after: string): boolean {
  if (field.value === after) return true;
  if (document.activeElement !== field || document.execCommand === undefined) return false;
  const { start, end, text } = replacement(field.value, after);
  field.setSelectionRange(start, end);
  document.execCommand(text === "" ? "delete" : "insertText", false, text);
  return field.value === after;
}
