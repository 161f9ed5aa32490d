/** The picture at the bottom of a node: what it is making, or what it made. */

import { useRuns } from "../store/runs";
import { isPicture, usePrefix, useShownRun } from "./results";

export function NodeResult({ id }: { id: string }) {
  const name = usePrefix() + id;
  const run = useShownRun();
  useRuns((state) => state.connected);
  if (run === undefined) return null;
  const made = run.outputs.filter((output) => output.node_id === name && isPicture(output));
  const preview = run.preview?.node === name ? run.preview.url : undefined;
  const url = made[0]?.url ?? preview;
  if (url === undefined) return null;
  return (
    <div className="node-result">
      <img src={url} alt="" draggable={false} />
      {made.length > 1 ? <span className="node-more">{made.length}</span> : null}
    </div>
  );
}
