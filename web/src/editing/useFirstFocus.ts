/** The focus for a field that was just opened, also where a menu that closes gives it back late. */

import { type RefObject, useCallback, useLayoutEffect, useRef } from "react";

/** So long others take the focus because they close, not because somebody went there. */
const SETTLING_MS = 400;

/** Returns a handler of `blur` that calls `leave` unless the focus is to be taken again. */
export function useFirstFocus(
  field: RefObject<HTMLInputElement | HTMLTextAreaElement | null>,
  leave: () => void,
): () => void {
  const opened = useRef(0);
  const take = useCallback(() => {
    const box = field.current;
    if (!box || document.activeElement === box) return;
    box.focus({ preventScroll: true });
    const untouched = box.value === box.defaultValue;
    if (box instanceof HTMLInputElement && untouched) box.select();
  }, [field]);
  useLayoutEffect(() => {
    opened.current = performance.now();
    take();
  }, [take]);
  return () => {
    if (performance.now() - opened.current > SETTLING_MS) leave();
    else requestAnimationFrame(take);
  };
}
