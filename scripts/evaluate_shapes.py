#!/usr/bin/env python
"""Ask the built-in model for pictures it never saw and measure what comes back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from shapes.draw import ByteArray
from shapes.edits import edits_table, inpaint, recolour, reshape
from shapes.evaluate import Score, confusion, score, spoken_prompts, table, unseen_prompts
from shapes.sample import Settings, load_model, sample
from shapes.scenes import ATTRIBUTES, Scene
from shapes.sheet import SHEET_PROMPTS, contact_sheet

MODEL = Path(__file__).resolve().parent.parent / "nodes" / "models" / "shapes-64"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    usual = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL, help="a diffusers folder")
    parser.add_argument("--count", type=int, default=500, help="prompts of unseen combinations")
    parser.add_argument("--edits", type=int, default=100, help="pictures per kind of edit")
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--cfg", type=float, default=usual.cfg, help="guidance scale")
    parser.add_argument("--sampler", default=usual.sampler)
    parser.add_argument("--scheduler", default=usual.scheduler)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet to this file")
    parser.add_argument("--failures", type=Path, help="also write a sheet of the failures")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Print the table and the confusions; 1 when an attribute misses its target."""
    options = parse(arguments)
    model = load_model(options.model, options.device)
    settings = Settings(
        seed=options.seed,
        steps=options.steps,
        cfg=options.cfg,
        sampler=options.sampler,
        scheduler=options.scheduler,
    )
    if options.sheet:
        pictures = sample(model, list(SHEET_PROMPTS), settings)
        save(contact_sheet(pictures, SHEET_PROMPTS), options.sheet)
    kinds = {"every attribute said": unseen_prompts, "some left out": spoken_prompts}
    results: dict[str, Score] = {}
    wrong: dict[str, ByteArray] = {}
    for kind, prompts_of in kinds.items():
        asked = prompts_of(options.count)
        pictures = sample(model, [prompt for _, prompt in asked], settings)
        results[kind] = score([scene for scene, _ in asked], pictures)
        wrong |= failures(asked, pictures)
    print(f"{options.count} unseen prompts, {options.steps} steps, cfg {options.cfg:g}\n")
    print(table(results))
    result = results["every attribute said"]
    for attribute in ATTRIBUTES:
        print(f"\n{confusion(result, attribute)}")
    if options.edits:
        edits = {
            "another colour, denoise 0.5": recolour,
            "another shape, denoise 0.5": reshape,
            "inpainting both": inpaint,
        }
        edited = {name: edit(model, options.edits, settings) for name, edit in edits.items()}
        print(f"\n{edits_table(edited)}")
    if options.failures and wrong:
        save(contact_sheet(np.stack(list(wrong.values())), list(wrong)), options.failures)
    missed = result.missed()
    if missed:
        print(f"\nbelow target: {', '.join(missed)}")
    return int(bool(missed))


def failures(asked: list[tuple[Scene, str]], pictures: ByteArray) -> dict[str, ByteArray]:
    """The prompts that were not followed, with their pictures."""
    pairs = zip(asked, pictures, strict=True)
    return {prompt: p for (scene, prompt), p in pairs if not score([scene], p[None]).right}


def save(sheet: Image.Image, path: Path) -> None:
    """Write a sheet with few colours, as a small file."""
    sheet.quantize(255).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
