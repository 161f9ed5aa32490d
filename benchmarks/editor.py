"""The editor beside a bare React Flow page of the same graph, in headless Chromium.

    python -m benchmarks.editor [--nodes 100 500 1000] [--json FILE]

Needs web/node_modules (`npm ci` in web/) and Chromium. A figure is the median of several loads.
Frames are counted while the page itself moves the mouse, one step a frame: nothing waits for this
process. The busy time is what the page's main thread spends of the processor per frame; unlike the
frames it does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
PAGES = ("bare", "editor")
LOADS = 3
SECONDS = 2.5
COLUMNS = 8
_HELPERS = ROOT / "benchmarks" / "editor" / "measure.js"


def graph(count: int) -> dict[str, Any]:
    """Copies of the text-to-image example, side by side, cut off at `count` nodes."""
    example = json.loads((ROOT / "workflows" / "txt2img.json").read_text())
    nodes: dict[str, Any] = {}
    layout: dict[str, Any] = {}
    copy = 0
    while len(nodes) < count:
        at = {"x": copy % COLUMNS * 1700, "y": copy // COLUMNS * 900}
        for name, entry in example["nodes"].items():
            if len(nodes) == count:
                break
            inputs = {key: _linked(value, copy) for key, value in entry["inputs"].items()}
            nodes[f"{name}-{copy}"] = {**entry, "inputs": inputs}
            place = example["layout"][name]
            layout[f"{name}-{copy}"] = {"x": place["x"] + at["x"], "y": place["y"] + at["y"]}
        copy += 1
    return {"nodegraph": 1, "name": f"{count} nodes", "nodes": nodes, "layout": layout}


def _linked(value: Any, copy: int) -> Any:
    return {**value, "node": f"{value['node']}-{copy}"} if isinstance(value, dict) else value


def build(folder: Path) -> None:
    """Both pages, each as Vite builds what is shipped."""
    config = ROOT / "benchmarks" / "editor" / "vite.config.mts"
    command = ["npx", "vite", "build", "--config", str(config), "--outDir", str(folder)]
    command += ["--logLevel", "error", "--mode"]
    for page in PAGES:
        subprocess.run([*command, page], cwd=WEB, check=True, stdout=subprocess.DEVNULL)
    (folder / "index.html").write_text("Both pages are beside this one.")


def sent(folder: Path) -> tuple[int, int]:
    """Bytes of JavaScript as it is sent: what the first page asks for, and with all dialogs."""
    named = set(re.findall(r'"[./]*(assets/[^"]+\.js)"', (folder / "index.html").read_text()))
    sizes = {path.relative_to(folder).as_posix(): _sent(path) for path in folder.rglob("*.js")}
    return sum(sizes[name] for name in named), sum(sizes.values())


def _sent(path: Path) -> int:
    """By how many bytes a file is sent to browsers that take gzip."""
    small = path.with_name(f"{path.name}.gz")
    return small.stat().st_size if small.exists() else len(gzip.compress(path.read_bytes(), 9))


@contextmanager
def serving(folder: Path, data: Path) -> Iterator[str]:
    """A server of our own that gives out the folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "nodegraph", "serve", "--port", str(port)]
    command += ["--data", str(data), "--front-end", str(folder)]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/api/editor/nodes", timeout=60).read()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        child.terminate()
        child.wait(60)


def busy(devtools: CDPSession) -> float:
    """Seconds of the processor that the page's main thread has used."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def heap(devtools: CDPSession) -> float:
    """MB of JavaScript objects that are in use."""
    devtools.send("HeapProfiler.collectGarbage")
    return float(devtools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def moving(page: Page, devtools: CDPSession, kind: str) -> dict[str, float]:
    """Frames while something is moved: `drag` a node, `pan` or `zoom` the canvas."""
    before = busy(devtools)
    times: list[float] = page.evaluate(f"measure.{kind}({SECONDS * 1000})")
    used = busy(devtools) - before
    gaps = sorted(after - first for first, after in itertools.pairwise(times))
    return {
        "fps": 1000 * len(gaps) / (times[-1] - times[0]),
        "p95_ms": gaps[int(len(gaps) * 0.95)],
        "busy_ms": 1000 * used / len(gaps),
    }


def once(browser: Browser, url: str, kind: str, count: int) -> dict[str, Any]:
    """All figures of one load of a page."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(path=_HELPERS)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(f"{url}/{kind}.html?graph=graph-{count}")
    ready = page.evaluate("measure.ready()")
    if ready is None:
        raise RuntimeError(f"{kind}: no node of {count} was drawn")
    page.wait_for_timeout(1500)
    figures: dict[str, Any] = {"ready_ms": ready, "heap_mb": heap(devtools)}
    for name in ("drag", "pan", "zoom"):
        figures[name] = moving(page, devtools, name)
    page.evaluate("measure.near()")
    page.wait_for_timeout(800)
    for name in ("drag", "pan"):
        figures[f"near_{name}"] = moving(page, devtools, name)
    figures["heap_after_mb"] = heap(devtools)
    page.close()
    return figures


def median(figures: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each figure, its median over all loads."""
    made: dict[str, Any] = {}
    for name, first in figures[0].items():
        values = [one[name] for one in figures]
        made[name] = median(values) if isinstance(first, dict) else statistics.median(values)
    return made


def measure(counts: list[int], loads: int, pages: Path | None) -> dict[str, Any]:
    """Both pages at each size."""
    with tempfile.TemporaryDirectory() as name:
        folder = pages or Path(name) / "pages"
        if pages is None:
            build(folder)
        for count in counts:
            (folder / f"graph-{count}.json").write_text(json.dumps(graph(count)))
        executable = shutil.which("chromium")
        found: dict[str, Any] = {}
        with serving(folder, Path(name) / "data") as url, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            for count in counts:
                for kind in PAGES:
                    runs = [once(browser, url, kind, count) for _ in range(loads)]
                    found[f"{kind} {count}"] = median(runs)
                    print(_row(f"{kind} {count}", found[f"{kind} {count}"]), flush=True)
            browser.close()
    return found


def _row(name: str, figures: dict[str, Any]) -> str:
    cells = [f"{name:12}", f"{figures['ready_ms']:6.0f} ms", f"{figures['heap_mb']:6.1f} MB"]
    for value in figures.values():
        if isinstance(value, dict):
            cells.append(f"{value['fps']:5.1f} fps {value['busy_ms']:5.1f} ms")
    return " | ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=[100, 500, 1000])
    parser.add_argument("--loads", type=int, default=LOADS)
    parser.add_argument("--pages", type=Path, help="built before, to be used again")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    heads = ["page", "ready", "heap", "drag", "pan", "zoom", "drag near", "pan near"]
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(" | ".join(heads))
    found = measure(given.nodes, given.loads, given.pages)
    if (WEB / "dist").is_dir():
        first, everything = (size / 1000 for size in sent(WEB / "dist"))
        found["js_gzip_kb"] = {"first": first, "everything": everything}
        print(f"JavaScript, gzip: {first:.0f} kB at first, {everything:.0f} kB with all dialogs")
    for count in given.nodes:
        ratio = found[f"editor {count}"]["ready_ms"] / found[f"bare {count}"]["ready_ms"]
        print(f"{count} nodes: ready after {ratio:.2f} times what the bare page takes")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
