/** Lists that are searched by typing, and the keys that open them: one part of the page. */

import { Announcer } from "../commands/announce";
import { listenToKeys } from "../commands/keyboard";
import { followFocus } from "../commands/navigate";
import { ConnectTo } from "../connect/ConnectTo";
import { CommandList } from "./CommandList";
import { NodePalette } from "./NodePalette";
import { rememberPointer } from "./pointer";
import "../connect";
import "./commands";

export function Finding() {
  return (
    <>
      <NodePalette />
      <CommandList />
      <ConnectTo />
      <Announcer />
    </>
  );
}

/** Returns the function that ends it. */
export function startFinding(): () => void {
  const ends = [listenToKeys(), rememberPointer(), followFocus()];
  return () => {
    for (const end of ends) end();
  };
}
