"""Whether files of the published models' full sizes are loaded right.

    python benchmarks/families.py            # each in turn; SDXL takes 14 GB of the disk
    python benchmarks/families.py sd15

Each model is made of random weights, written as one file in the original key layout and as a
folder in diffusers', and loaded from both: every weight must be the same to the bit. The first one
that is not is named, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from benchmarks.full_size import MODELS, make
from nodes.diffusion.loading import Checkpoint, load_checkpoint


def networks(checkpoint: Checkpoint) -> dict[str, Any]:
    """Its networks by what they are."""
    towers = checkpoint.text_encoder.towers
    return {
        "UNet": checkpoint.denoiser.network.module,
        "VAE": checkpoint.vae.network.module,
        **{f"text encoder {index}": tower.network.module for index, tower in enumerate(towers, 1)},
    }


def difference(one: Checkpoint, other: Checkpoint) -> str | None:
    """The first weight that is not the same in both."""
    mine, theirs = networks(one), networks(other)
    if mine.keys() != theirs.keys():
        return f"{', '.join(mine)} in the file and {', '.join(theirs)} in the folder"
    for name, network in mine.items():
        weights, others = network.state_dict(), theirs[name].state_dict()
        if weights.keys() != others.keys():
            return f"{name}: {sorted(weights.keys() ^ others.keys())[0]} is in one alone"
        for key, weight in weights.items():
            if not torch.equal(weight, others[key]):
                return f"{name}: {key}"
    return None


def check(name: str, folder: Path) -> bool:
    """Make, load and compare one model; a line says how it went."""
    made = make(name)
    file, layout = made.file(folder / f"{name}.safetensors"), made.folder(folder / name)
    begun = time.perf_counter()
    one = load_checkpoint(file, dtype="float16")
    seconds = time.perf_counter() - begun
    differs = difference(one, load_checkpoint(layout, dtype="float16"))
    count = sum(len(network.state_dict()) for network in networks(one).values())
    told = f"{name:<14} {file.stat().st_size / 1e9:5.2f} GB  {count:5} weights  {seconds:6.2f} s  "
    print(told + (f"DIFFERS in {differs}" if differs else "the same from file and folder"))
    return differs is None


def main() -> int:
    """Check the models that were named, or all."""
    parser = argparse.ArgumentParser(description="Load models of full size from file and folder.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODELS))
    names = parser.parse_args().names or list(MODELS)
    if unknown := [name for name in names if name not in MODELS]:
        parser.error(f"there is no model {unknown[0]}; there are {', '.join(MODELS)}")
    good = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            good.append(check(name, Path(folder)))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
