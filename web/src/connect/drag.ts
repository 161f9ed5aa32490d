/** Dragging a link from a socket, or by one of its ends, until it is dropped. */

import { wireColor } from "../canvas/colors";
import { announce } from "../commands/announce";
import type { Point } from "../graph/edits";
import { Fitting, fittingSockets, type Socket, sourceOf, wireOfSocket } from "../graph/fitting";
import { edgeOf, plug, replug, unplugged } from "../graph/links";
import type { Catalogue } from "../graph/schema";
import type { Workflow } from "../graph/workflow";
import { edgeId } from "../graph/workflow";
import { edit, openDoc } from "../store/documents";
import { show } from "../store/view";
import { t } from "../text/catalogue";
import { Marks, markLink } from "./marks";
import { EdgePan } from "./pan";
import { canvasPoint, socketAt } from "./places";
import { sayRefusal } from "./refusals";
import { useConnecting } from "./store";
import { type Target, targetAt } from "./target";

/** What is dragged: the socket at the end that stays, and the link that it belongs to so far. */
export interface Hold {
  readonly end: Socket;
  readonly moved?: string;
}

const MOVED = "data-moved";

/** What a socket that was pressed means: a new link, or the end of the one that is plugged in. */
export function holdOf(doc: Workflow, catalogue: Catalogue, socket: Socket): Hold {
  if (socket.out) return { end: socket };
  const source = sourceOf(doc, catalogue, socket.node, socket.port);
  return source ? { end: source, moved: edgeId(socket.node, socket.port) } : { end: socket };
}

export class LinkDrag {
  private readonly doc: Workflow;
  private readonly fitting: Fitting;
  private readonly fixed: Point;
  private readonly color: string;
  private readonly marks: Marks;
  private readonly pan: EdgePan;
  private target: Target = { kind: "nothing" };
  private last: PointerEvent | null = null;

  constructor(
    private readonly canvas: HTMLElement,
    private readonly catalogue: Catalogue,
    private readonly hold: Hold,
  ) {
    const whole = openDoc();
    this.doc = hold.moved ? unplugged(whole, [hold.moved]) : whole;
    this.fitting = new Fitting(this.doc, catalogue, hold.end);
    this.fixed = socketAt(whole, catalogue, hold.end);
    this.color = wireColor(wireOfSocket(whole, catalogue, hold.end));
    this.marks = new Marks(canvas, fittingSockets(this.doc, this.fitting));
    this.pan = new EdgePan(canvas, () => this.last && this.move(this.last));
    markLink(canvas, MOVED, hold.moved ?? null);
  }

  move(event: PointerEvent): void {
    this.last = event;
    this.pan.follow(event);
    const at = canvasPoint({ x: event.clientX, y: event.clientY });
    this.target = targetAt(event, at, this.doc, this.catalogue, this.fitting);
    const { target } = this;
    const loose = target.kind === "fits" ? socketAt(this.doc, this.catalogue, target.socket) : at;
    const refused = target.kind === "refused";
    useConnecting.setState({
      link: {
        fixed: this.fixed,
        loose,
        out: this.hold.end.out,
        color: this.color,
        says: this.says(event.altKey),
        refused,
      },
    });
  }

  drop(event: PointerEvent): void {
    this.move(event);
    this.end();
    const { target, hold } = this;
    if (target.kind === "fits") this.link(target.socket);
    else if (target.kind === "refused") {
      announce(sayRefusal(target, this.doc, this.catalogue, hold.end));
    } else if (target.kind === "nothing" && !event.altKey) this.search(event);
    else if (target.kind === "nothing" && hold.moved) this.delete(hold.moved);
  }

  end(): void {
    this.pan.end();
    this.marks.end();
    markLink(this.canvas, MOVED, null);
    useConnecting.setState({ link: null });
  }

  private link(socket: Socket): void {
    const { end, moved } = this.hold;
    edit("connect.link", (doc) => linked(doc, end, socket, moved));
    announce(t("connect.linked", { from: end.port, to: socket.port }));
  }

  private delete(link: string): void {
    edit("connect.delete", (doc) => unplugged(doc, [link]));
    announce(t("connect.deleted"));
  }

  private search(event: PointerEvent): void {
    const at = canvasPoint({ x: event.clientX, y: event.clientY });
    const { end, moved } = this.hold;
    const wire = wireOfSocket(this.doc, this.catalogue, end);
    show({ palette: { at, loose: { ...end, wire, ...(moved !== undefined && { moved }) } } });
  }

  private says(alt: boolean): string | null {
    const { target, hold } = this;
    if (target.kind === "refused") return sayRefusal(target, this.doc, this.catalogue, hold.end);
    if (target.kind === "fits") {
      return target.mapped ? t("connect.mapped") : target.socket.port;
    }
    if (target.kind === "home") return null;
    if (hold.moved) return t(alt ? "connect.deletes" : "connect.search.moved");
    return alt ? null : t("connect.search");
  }
}

/** Plugs in a link, new or moved from elsewhere. */
export function linked(
  doc: Workflow,
  end: Socket,
  socket: Socket,
  moved: string | undefined,
): Workflow {
  const edge = moved === undefined ? undefined : edgeOf(doc, moved);
  if (edge === undefined) return plug(doc, end, socket);
  const before: Socket = { node: edge.target, port: edge.input, out: false };
  // The end that moved is the one in the input, or the one in the output.
  return end.out ? replug(doc, end, before, socket) : plug(doc, end, socket);
}
