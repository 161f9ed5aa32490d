/** Why a link may not end somewhere, in words. */

import { type Socket, wireOfSocket } from "../graph/fitting";
import { outputOf, portsOf } from "../graph/ports";
import type { Catalogue, Wire } from "../graph/schema";
import type { Workflow } from "../graph/workflow";
import { t } from "../text/catalogue";
import type { Target } from "./target";

type Refused = Extract<Target, { kind: "refused" }>;

export function sayRefusal(
  { why, node, socket }: Refused,
  doc: Workflow,
  catalogue: Catalogue,
  end: Socket,
): string {
  if (why === "circle") return t(node === end.node ? "connect.itself" : "connect.circle");
  if (why === "side") return t(end.out ? "connect.bothGive" : "connect.bothTake");
  const mine = typeText(wireOfSocket(doc, catalogue, end), catalogue);
  if (socket === undefined) {
    return t(end.out ? "connect.nothingTakes" : "connect.nothingGives", { type: mine });
  }
  const other = typeText(wireOfSocket(doc, catalogue, socket), catalogue);
  const [got, expected] = end.out ? [mine, other] : [other, mine];
  return t("connect.type", { expected, got });
}

/** How a wire type is called: by its words, or by its name where it has none. */
export function typeText(wire: Wire, catalogue: Catalogue): string {
  const names = wire.types.map((type) =>
    type === "object" ? t("connect.any") : (catalogue.looks[type]?.display_name ?? type),
  );
  const all = names.join(` ${t("connect.or")} `);
  return wire.list ? t("connect.listOf", { type: all }) : all;
}

/** How a socket's type is written in lists: `Image`. */
export function socketType(doc: Workflow, catalogue: Catalogue, socket: Socket): string {
  const ports = portsOf(doc, socket.node, catalogue);
  const found = socket.out
    ? outputOf(ports, socket.port)
    : ports.inputs.find((input) => input.name === socket.port);
  return found ? typeText(found.wire, catalogue) : "";
}
