"""What loading a single-file checkpoint of Stable Diffusion 1.5's size costs.

    python benchmarks/loading.py                    # four rounds, some four minutes
    python benchmarks/loading.py --rounds 1         # a quick look
    python benchmarks/loading.py --dtype float16    # and not float32, which both take unasked
    python benchmarks/loading.py --use              # ... until all weights can be computed with
    python benchmarks/loading.py --file my.safetensors

The file is made of random weights (2.1 GB, float16, the original key layout) in a temporary folder
and deleted at the end. Each contender is a process of its own that has imported what it needs
before the clock starts; they take turns, and the first round only warms the system's file cache:

    read         the whole file into memory, and nothing else
    ours         `load_checkpoint`, what the LoadCheckpoint node does
    diffusers    `StableDiffusionPipeline.from_single_file` with a local configuration

With --use each goes on until every weight is where and as it is computed with: ours are copied or
widened, those of diffusers that are still in the file are paged in. A workflow that calls every
network pays that once, at their first calls.

Memory is what the process grew by while loading, over the size of the file: `own` is anonymous
memory alone, read every two milliseconds; `peak` also counts pages mapped from the file, by the
kernel's own high-water mark. Wanted: ours / read <= 1.5, ours / diffusers <= 0.6, peak <= 1.2.
"""

from __future__ import annotations

import argparse
import importlib
import json
import mmap
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

CONTENDERS = ("read", "ours", "diffusers")
DTYPES = ("float32", "float16")
Load = Callable[[], object]


class Memory:
    """What this process holds, watched while something happens."""

    def __init__(self) -> None:
        self.own = 0
        self._stop = threading.Event()
        self._before = _status()
        Path("/proc/self/clear_refs").write_text("5")  # begins a new high-water mark
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.002):
            self.own = max(self.own, _status()["RssAnon"])

    def figures(self) -> dict[str, int]:
        """Growth of anonymous memory and of all of it, in bytes."""
        self._stop.set()
        self._thread.join()
        now = _status()
        own = max(self.own, now["RssAnon"]) - self._before["RssAnon"]
        return {"own": own, "peak": now["VmHWM"] - self._before["VmRSS"]}


def _status() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    pairs = (line.split() for line in lines if line.endswith(" kB"))
    return {pair[0].rstrip(":"): int(pair[1]) * 1024 for pair in pairs}


def read(file: Path, config: Path, dtype: str, use: bool) -> Load:
    """The file's bytes in memory."""
    return file.read_bytes


def ours(file: Path, config: Path, dtype: str, use: bool) -> Load:
    """The checkpoint as the node gives it."""
    from nodes.diffusion.loading import load_checkpoint
    from nodes.diffusion.parts import new_text_model, new_unet, new_vae  # and their libraries

    cpu = torch.device("cpu")
    new_unet({"sample_size": 8}, "")
    new_vae({}, "")
    new_text_model({"hidden_size": 64, "num_attention_heads": 1}, "", cpu, projected=False)

    def load() -> object:
        made = load_checkpoint(file, device="cpu", dtype=dtype)
        if use:
            towers = [tower.network for tower in made.text_encoder.towers]
            for network in (made.denoiser.network, made.vae.network, *towers):
                network.ready()
        return made

    return load


def diffusers(file: Path, config: Path, dtype: str, use: bool) -> Load:
    """The pipeline, with what it would fetch from the hub given as a folder."""
    library: Any = importlib.import_module("diffusers")
    parts = ("UNet2DConditionModel", "AutoencoderKL", "PNDMScheduler", "StableDiffusionPipeline")
    pipeline = [getattr(library, name) for name in parts][-1]
    options: dict[str, Any] = {"config": str(config), "local_files_only": True}
    options["torch_dtype"] = getattr(torch, dtype)

    def load() -> object:
        made = pipeline.from_single_file(str(file), safety_checker=None, **options)
        for network in (made.unet, made.vae, made.text_encoder) if use else ():
            for weight in network.parameters():
                weight.view(-1).view(torch.uint8)[:: mmap.PAGESIZE].max()
        return made

    return load


def measured(contender: str, file: Path, config: Path, dtype: str, use: bool) -> dict[str, float]:
    """Seconds and memory of one contender, in this process."""
    load = {"read": read, "ours": ours, "diffusers": diffusers}[contender](file, config, dtype, use)
    memory = Memory()
    started = time.perf_counter()
    kept = load()
    seconds = time.perf_counter() - started
    figures = memory.figures()
    del kept
    size = file.stat().st_size
    return {"seconds": seconds, **{name: figure / size for name, figure in figures.items()}}


def apart(contender: str, file: Path, config: Path, dtype: str, use: bool) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--contender", contender, "--file", str(file)]
    command += ["--config", str(config), "--dtype", dtype]
    command += ["--use"] * use
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{contender} failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(file: Path, config: Path, dtype: str, use: bool, rounds: int) -> None:
    """Measure in turns and print a line for each contender."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for number in range(rounds + 1):
        for name in CONTENDERS[number % 3 :] + CONTENDERS[: number % 3]:
            run = apart(name, file, config, dtype, use)
            if number:
                runs[name].append(run)
    size, what = file.stat().st_size / 1e9, f"{dtype}{', used' * use}"
    print(f"{size:.2f} GB, {what}, {rounds} rounds, {torch.get_num_threads()} threads")
    print("              seconds (least to most)     own    peak")
    for name, found in runs.items():
        seconds = sorted(run["seconds"] for run in found)
        own, peak = (max(run[key] for run in found) for key in ("own", "peak"))
        spread = f"{seconds[0]:.2f} to {seconds[-1]:.2f}"
        print(f"{name:<12} {statistics.median(seconds):8.2f} ({spread}) {own:10.2f} {peak:7.2f}")
    for other, goal in (("read", 1.5), ("diffusers", 0.6)):
        pairs = zip(runs["ours"], runs[other], strict=True)
        ratios = sorted(mine["seconds"] / theirs["seconds"] for mine, theirs in pairs)
        print(
            f"ours / {other:<12} {statistics.median(ratios):6.2f} "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f})  wanted <= {goal}"
        )


def main() -> None:
    """Make the model, measure and print."""
    parser = argparse.ArgumentParser(description="Measure how checkpoints are loaded.")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--dtype", choices=DTYPES, help="this alone; otherwise one after the other")
    parser.add_argument("--use", action="store_true", help="until all can be computed with")
    parser.add_argument("--file", type=Path, help="a file of SD1.5's size, instead of a random one")
    parser.add_argument("--config", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        what = options.contender, options.file, options.config, options.dtype, options.use
        print(json.dumps(measured(*what)))
        return
    from benchmarks.full_size import make

    with tempfile.TemporaryDirectory() as folder:
        made = make()
        config = made.folder(Path(folder) / "config", weights=False)
        file = options.file or made.file(Path(folder) / "model.safetensors")
        del made
        for dtype in (options.dtype,) if options.dtype else DTYPES:
            compare(file, config, dtype, options.use, options.rounds)


if __name__ == "__main__":
    main()
