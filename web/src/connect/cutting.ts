/** A line drawn across links that cuts them. */

import { announce } from "../commands/announce";
import type { Point } from "../graph/edits";
import { cross } from "../graph/geometry";
import { unplugged } from "../graph/links";
import { edit } from "../store/documents";
import { t } from "../text/catalogue";
import { canvasPoint, type DrawnLink, drawnLinks } from "./places";
import { useConnecting } from "./store";

const CUT = "data-cut";

export class Cutting {
  private readonly links: readonly DrawnLink[];
  private readonly line: Point[] = [];
  private readonly cut = new Map<string, Element>();

  constructor(canvas: Element, event: PointerEvent) {
    this.links = drawnLinks(canvas);
    this.move(event);
  }

  move({ clientX, clientY }: PointerEvent): void {
    const at = canvasPoint({ x: clientX, y: clientY });
    const before = this.line.at(-1);
    this.line.push(at);
    useConnecting.setState({ cut: [...this.line] });
    if (before === undefined) return;
    for (const { id, line, element } of this.links) {
      if (this.cut.has(id) || !cross(line, [before, at])) continue;
      this.cut.set(id, element);
      element.setAttribute(CUT, "");
    }
  }

  drop(): void {
    const ids = [...this.cut.keys()];
    this.end();
    if (ids.length === 0) return;
    edit("connect.cut", (doc) => unplugged(doc, ids));
    announce(t("connect.cutLinks", { count: ids.length }));
  }

  end(): void {
    for (const element of this.cut.values()) element.removeAttribute(CUT);
    useConnecting.setState({ cut: null });
  }
}
