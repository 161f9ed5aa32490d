/** The large view of results, over the whole page: leaf, zoom, compare, see what made it. */

import { Dialog } from "@base-ui/react/dialog";
import type { KeyboardEvent } from "react";
import { isPicture } from "../canvas/results";
import { Thumb } from "../panels/Thumbs";
import type { Output } from "../store/runs";
import { closeViewer, compareWith, go, useViewer } from "../store/viewer";
import { useText } from "../text/catalogue";
import { Facts } from "./Facts";
import { Stage } from "./Stage";
import { Tools } from "./Tools";
import { useZoom, type ZoomHandle } from "./useZoom";
import "../panels/panels.css";
import "./viewer.css";

export function Viewer() {
  const t = useText();
  const { outputs, at } = useViewer();
  const output = outputs[at];
  return (
    <Dialog.Root open={output !== undefined} onOpenChange={(open) => open || closeViewer()}>
      <Dialog.Portal>
        <Dialog.Popup className="viewer" aria-label={t("viewer.title")}>
          {output ? <Inside output={output} /> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Inside({ output }: { readonly output: Output }) {
  const { outputs, beside, facts } = useViewer();
  const handle = useZoom();
  const other = beside === null ? undefined : outputs[beside];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys for all that is in it
    <div className="viewer-inside" onKeyDown={(event) => press(event, handle)}>
      <Tools output={output} handle={handle} />
      <div className="viewer-middle">
        <Stage output={output} beside={other} handle={handle} />
        {facts ? <Facts output={output} /> : null}
      </div>
      {outputs.length > 1 ? <Strip /> : null}
    </div>
  );
}

/** All of them, small; while two are compared, choosing one puts it beside. */
function Strip() {
  const t = useText();
  const { outputs, at, beside } = useViewer();
  const pick = (place: number) => {
    const comparing = beside !== null && place !== at;
    const output = outputs[place];
    if (comparing && output && isPicture(output)) compareWith(place);
    else go(place);
  };
  return (
    <ul
      className="viewer-strip"
      aria-label={t(beside === null ? "viewer.strip" : "viewer.stripBeside")}
    >
      {outputs.map((output, place) => (
        <li
          key={output.id}
          data-now={place === at || undefined}
          data-beside={place === beside || undefined}
          ref={place === at ? intoView : undefined}
        >
          <Thumb output={output} onOpen={() => pick(place)} />
        </li>
      ))}
    </ul>
  );
}

function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

const FIELDS = "input, select, textarea, [role=menu], video, audio";

function press(event: KeyboardEvent, handle: ZoomHandle): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest(FIELDS)) return;
  const { at, outputs } = useViewer.getState();
  const actions: { readonly [key: string]: () => void } = {
    ArrowLeft: () => go(at - 1),
    ArrowRight: () => go(at + 1),
    Home: () => go(0),
    End: () => go(outputs.length - 1),
    "+": () => handle.step(true),
    "=": () => handle.step(true),
    "-": () => handle.step(false),
    "0": handle.whole,
  };
  const action = actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
}
