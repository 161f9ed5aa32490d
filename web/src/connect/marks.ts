/** Light on what fits and shade on what does not, while a link is dragged. */

import { type Socket, socketKey } from "../graph/fitting";

const DRAGGING = "connect-dragging";
const FITS = "data-fits";

/**
 * Marks what is drawn by attributes that React does not know: thousands of sockets change their
 * looks at once without any of them being rendered again.
 */
export class Marks {
  private readonly keys: ReadonlySet<string>;
  private readonly watcher = new MutationObserver(() => this.mark());

  constructor(
    private readonly canvas: Element,
    private readonly fitting: ReadonlyMap<string, readonly Socket[]>,
  ) {
    this.keys = new Set([...fitting.values()].flat().map(socketKey));
    canvas.classList.add(DRAGGING);
    this.mark();
    const nodes = canvas.querySelector(".react-flow__nodes");
    if (nodes) this.watcher.observe(nodes, { childList: true, subtree: true });
  }

  end(): void {
    this.watcher.disconnect();
    this.canvas.classList.remove(DRAGGING);
    for (const element of this.canvas.querySelectorAll(`[${FITS}]`)) element.removeAttribute(FITS);
  }

  private mark(): void {
    for (const node of this.canvas.querySelectorAll("[data-node]")) {
      const id = node.getAttribute("data-node") ?? "";
      if (!this.fitting.has(id)) continue;
      node.setAttribute(FITS, "");
      for (const handle of node.querySelectorAll("[data-handleid]")) {
        const key = `${id}/${handle.getAttribute("data-handleid")}`;
        if (this.keys.has(key)) handle.setAttribute(FITS, "");
      }
    }
  }
}

/** Puts a mark on one link, and takes it from all others. */
export function markLink(canvas: Element, mark: string, id: string | null): void {
  for (const element of canvas.querySelectorAll(`.react-flow__edge[${mark}]`)) {
    if (element.getAttribute("data-id") !== id) element.removeAttribute(mark);
  }
  if (id === null) return;
  canvas.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`)?.setAttribute(mark, "");
}
