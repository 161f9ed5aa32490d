import { afterEach, describe, expect, it, vi } from "vitest";
import { gapAt } from "../../src/canvas/Raster";
import { forgetViews, keepView, viewAt, viewKey } from "../../src/canvas/viewports";

const VIEW = { x: 1, y: 2, zoom: 0.5 };

describe("views", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    localStorage.clear();
    forgetViews();
  });

  it("are kept for each tab and subgraph, over a reload", () => {
    keepView(viewKey("tab", []), VIEW);
    keepView(viewKey("tab", ["face"]), { ...VIEW, zoom: 2 });
    forgetViews();
    expect(viewAt("tab")).toEqual(VIEW);
    expect(viewAt("tab/face")?.zoom).toBe(2);
    expect(viewAt("other")).toBeUndefined();
  });

  it("go when there are too many, the oldest first", () => {
    keepView("old", VIEW);
    keepView("used", VIEW);
    for (let n = 0; n < 98; n += 1) keepView(`tab ${n}`, VIEW);
    keepView("used", VIEW);
    keepView("new", VIEW);
    expect(viewAt("old")).toBeUndefined();
    expect(viewAt("used")).toEqual(VIEW);
  });

  it.each(["no json", "{}", '[["tab", {"x": 1}]]', '[["tab", null]]'])("ignore %s", (text) => {
    localStorage.setItem("nodegraph.viewports", text);
    expect(viewAt("tab")).toBeUndefined();
  });

  it("are kept for now where nothing can be stored", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    keepView("tab", VIEW);
    expect(viewAt("tab")).toEqual(VIEW);
  });
});

describe("the dots", () => {
  it("are never closer on the screen than 14 pixels", () => {
    for (const zoom of [3, 1, 0.7, 0.69, 0.3, 0.2, 0.05]) {
      expect(gapAt(zoom) * zoom).toBeGreaterThanOrEqual(14);
    }
    expect(gapAt(1)).toBe(20);
  });
});
