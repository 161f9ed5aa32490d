/** Linking without a pointer: a socket of a node, then one of those that fit it. */

import { useMemo, useState } from "react";
import { wireColor } from "../canvas/colors";
import { announce } from "../commands/announce";
import { showNode } from "../commands/focus";
import {
  Fitting,
  fittingSockets,
  type Socket,
  socketKey,
  sourceOf,
  wireOfSocket,
} from "../graph/fitting";
import { plug, unplugged } from "../graph/links";
import { portsOf } from "../graph/ports";
import type { Catalogue } from "../graph/schema";
import { ranked } from "../graph/search";
import { edgeId, nodesOf, placeOf, type Workflow } from "../graph/workflow";
import { Finder, type Item } from "../palette/Finder";
import { edit, openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { type ConnectRequest, show, useView } from "../store/view";
import { t, useText } from "../text/catalogue";
import { socketAt } from "./places";
import { socketType } from "./refusals";

const CUT = "cut";
const NEW = "new";

export function ConnectTo() {
  const request = useView((state) => state.connect);
  const catalogue = useNodes((state) => state.catalogue);
  if (request === null || catalogue === null) return null;
  return <Ask key={request.node} request={request} catalogue={catalogue} />;
}

interface AskProps {
  readonly request: ConnectRequest;
  readonly catalogue: Catalogue;
}

interface Choice extends Item {
  readonly socket?: Socket;
}

function Ask({ request, catalogue }: AskProps) {
  useText();
  const [doc] = useState(() => openDoc());
  const [query, setQuery] = useState("");
  const [from, setFrom] = useState<Socket | null>(() =>
    request.socket ? { node: request.node, ...request.socket } : null,
  );
  const all = useMemo(
    () => (from ? ends(doc, catalogue, from) : own(doc, catalogue, request.node)),
    [doc, catalogue, from, request.node],
  );
  const items = ranked(query, all, ({ label, detail = "" }) => [
    { text: label, weight: 1, fuzzy: true },
    { text: detail, weight: 0.6, fuzzy: false },
  ]);
  const close = () => {
    show({ connect: null });
    showNode(request.node);
  };
  const choose = (id: string) => {
    const socket = all.find((one) => one.id === id)?.socket;
    setQuery("");
    if (from === null) setFrom(socket ?? null);
    else take(doc, catalogue, from, id, socket);
  };
  const node = titleOf(doc, catalogue, request.node);
  const to = from?.out ? "connect.toInput" : "connect.toOutput";
  const label = from ? t(to, { name: from.port, node }) : t("connect.which", { node });
  return (
    <Finder
      label={label}
      placeholder={label}
      query={query}
      onQuery={setQuery}
      items={items}
      onChoose={choose}
      onClose={close}
      onBack={from && !request.socket ? () => setFrom(null) : undefined}
    />
  );
}

function take(
  doc: Workflow,
  catalogue: Catalogue,
  from: Socket,
  id: string,
  socket: Socket | undefined,
): void {
  show({ connect: null });
  if (id === NEW) {
    const at = socketAt(doc, catalogue, from);
    const away = { x: at.x + (from.out ? 80 : -80), y: at.y };
    const wire = wireOfSocket(doc, catalogue, from);
    requestAnimationFrame(() => show({ palette: { at: away, loose: { ...from, wire } } }));
    return;
  }
  if (id === CUT) {
    edit("connect.delete", (open) => unplugged(open, [edgeId(from.node, from.port)]));
    announce(t("connect.deleted"));
  } else if (socket) {
    edit("connect.link", (open) => plug(open, from, socket));
    announce(t("connect.linked", { from: from.port, to: socket.port }));
  }
  showNode(from.node);
}

/** The sockets of a node: what it gives first. */
function own(doc: Workflow, catalogue: Catalogue, node: string): Choice[] {
  const { inputs, outputs } = portsOf(doc, node, catalogue);
  const sockets = [
    ...outputs.map(({ name }): Socket => ({ node, port: name, out: true })),
    ...inputs.map(({ name }): Socket => ({ node, port: name, out: false })),
  ];
  return sockets.map((socket): Choice => {
    const source = socket.out ? undefined : sourceOf(doc, catalogue, node, socket.port);
    const now = source && `← ${titleOf(doc, catalogue, source.node)}`;
    return {
      id: socketKey(socket),
      label: socket.port,
      detail: [socketType(doc, catalogue, socket), now].filter(Boolean).join(" "),
      group: t(socket.out ? "connect.outputs" : "connect.inputs"),
      color: wireColor(wireOfSocket(doc, catalogue, socket)),
      more: true,
      socket,
    };
  });
}

/** Where a link from a socket may end: what is free first, then what is taken, then new nodes. */
function ends(doc: Workflow, catalogue: Catalogue, from: Socket): Choice[] {
  const source = from.out ? undefined : sourceOf(doc, catalogue, from.node, from.port);
  const found = [...fittingSockets(doc, new Fitting(doc, catalogue, from)).values()].flat();
  const at = socketAt(doc, catalogue, from);
  const far = (socket: Socket) => {
    const place = socketAt(doc, catalogue, socket);
    return Math.hypot(place.x - at.x, place.y - at.y);
  };
  const taken = (socket: Socket) =>
    socket.out ? undefined : sourceOf(doc, catalogue, socket.node, socket.port);
  found.sort((a, b) => Number(!!taken(a)) - Number(!!taken(b)) || far(a) - far(b));
  const sockets = found.map((socket): Choice => {
    const now = taken(socket);
    return {
      id: socketKey(socket),
      label: `${titleOf(doc, catalogue, socket.node)} · ${socket.port}`,
      detail: now
        ? t("connect.instead", { node: titleOf(doc, catalogue, now.node) })
        : socketType(doc, catalogue, socket),
      color: wireColor(wireOfSocket(doc, catalogue, socket)),
      socket,
    };
  });
  return [
    ...(source
      ? [{ id: CUT, label: t("connect.cutThis"), detail: titleOf(doc, catalogue, source.node) }]
      : []),
    ...sockets,
    { id: NEW, label: t("connect.toNew") },
  ];
}

function titleOf(doc: Workflow, catalogue: Catalogue, id: string): string {
  const type = nodesOf(doc)[id]?.type ?? id;
  return placeOf(doc, id).title ?? catalogue.find(type)?.display_name ?? type;
}
