/** A long press is a right click, also where the browser does not say so by itself. */

const HELD_MS = 550;
const MOVED = 10;

/** Returns the function that ends it. */
export function listenToLongPress(): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let start: PointerEvent | undefined;
  let answered = 0;
  let lifting = false;
  const cancel = () => {
    clearTimeout(timer);
    start = undefined;
  };
  const press = () => {
    const { target, clientX, clientY } = start ?? {};
    cancel();
    answered = performance.now();
    lifting = true;
    const init = { bubbles: true, cancelable: true, clientX, clientY, button: 2 };
    target?.dispatchEvent(new MouseEvent("contextmenu", init));
  };
  const begin = (event: PointerEvent) => {
    const onCanvas = (event.target as Element).closest(".react-flow") !== null;
    const another = start !== undefined;
    cancel();
    lifting = false;
    if (event.pointerType !== "touch" || !onCanvas || another) return;
    start = event;
    timer = setTimeout(press, HELD_MS);
  };
  const move = ({ clientX, clientY }: PointerEvent) => {
    if (start && Math.hypot(clientX - start.clientX, clientY - start.clientY) > MOVED) cancel();
  };
  const own = (event: MouseEvent) => {
    if (!event.isTrusted) return;
    cancel();
    if (performance.now() - answered < 2 * HELD_MS) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  // Lifting the finger is no click on what lies under it, nor beside the menu.
  const lift = (event: MouseEvent) => {
    if (!lifting) return;
    lifting = event.type !== "click";
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.addEventListener("mousedown", lift, { signal, capture: true });
  window.addEventListener("mouseup", lift, { signal, capture: true });
  window.addEventListener("click", lift, { signal, capture: true });
  window.addEventListener("pointerdown", begin, { signal, capture: true });
  window.addEventListener("pointermove", move, { signal, capture: true });
  window.addEventListener("pointerup", cancel, { signal, capture: true });
  window.addEventListener("pointercancel", cancel, { signal, capture: true });
  window.addEventListener("contextmenu", own, { signal, capture: true });
  return () => {
    cancel();
    stop.abort();
  };
}
