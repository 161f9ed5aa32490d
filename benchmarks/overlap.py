"""How well saving pictures overlaps with making them.

    python benchmarks/overlap.py
    python benchmarks/overlap.py --images 16 --size 768

Each picture is sampled on a device that is waited for (which takes no processor time here, as
on a graphics card), and then encoded as PNG by the real SaveImage node. Sampling takes as long
as one encoding was measured to take, so one after the other they take twice the time of either.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from nodegraph import Registry, Workflow, node
from nodegraph.engine.cache import MemoryCache
from nodegraph.engine.environment import Environment
from nodegraph.engine.execute import execute
from nodegraph.engine.files import Files
from nodegraph.engine.report import RunReport
from nodegraph.graph.plan import plan
from nodes.images import save_image
from nodes.types import Image


@node()
def sample(seed: int, size: int, seconds: float) -> Image:
    """A picture of noise that takes its time."""
    generator = torch.Generator().manual_seed(seed)
    started = time.perf_counter()
    pixels = torch.rand(1, size, size, 3, generator=generator)
    time.sleep(max(0.0, seconds - (time.perf_counter() - started)))
    return Image(pixels)


def run(count: int, size: int, seconds: float) -> RunReport:
    """Sample and save some pictures."""
    flow = Workflow()
    for number in range(count):
        made = flow.add(sample, id=f"sample {number}", seed=number, size=size, seconds=seconds)
        flow.add(save_image, id=f"save {number}", images=made)
    registry = Registry((sample, save_image))
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder), Path(folder))
        made_plan = plan(flow, registry, names=files)
        report = execute(
            made_plan, MemoryCache(2**30), lambda event: None, Environment(files, registry=registry)
        )
    assert report.status == "succeeded", report.errors
    return report


def seconds_of(report: RunReport, what: str) -> float:
    """What the nodes of one kind took together."""
    return sum(done.seconds for name, done in report.nodes.items() if name.startswith(what))


def main() -> None:
    """Measure and print, a line each."""
    parser = argparse.ArgumentParser(description="Measure how saving overlaps with sampling.")
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--size", type=int, default=768, help="pixels a side")
    options = parser.parse_args()
    alone = [seconds_of(run(1, options.size, 0.0), "save") for _ in range(3)]
    report = run(options.images, options.size, sorted(alone)[1])
    sampling, saving = seconds_of(report, "sample"), seconds_of(report, "save")
    print(f"one picture saved alone      {sorted(alone)[1]:8.3f} s")
    print(f"{options.images:>3} pictures sampled         {sampling:8.3f} s")
    print(f"{options.images:>3} pictures saved           {saving:8.3f} s")
    print(f"together                     {report.seconds:8.3f} s")
    apart = report.seconds / (2 * options.images * sorted(alone)[1])
    print(f"together / one after the other {apart:6.2f}  (ideal 0.53)")
    print(f"together / sampling alone      {report.seconds / sampling:6.2f}  (ideal 1.06)")


if __name__ == "__main__":
    main()
