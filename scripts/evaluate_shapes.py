#!/usr/bin/env python
"""Ask the built-in model for pictures it never saw and measure what comes back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image

from shapes.edits import edits_table, image_to_image, inpaint
from shapes.evaluate import confusion, score, table, unseen_prompts
from shapes.sample import Settings, load_model, sample
from shapes.scenes import ATTRIBUTES
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
    asked = unseen_prompts(options.count)
    scenes, prompts = [scene for scene, _ in asked], [prompt for _, prompt in asked]
    pictures = sample(model, prompts, settings)
    result = score(scenes, pictures)
    print(f"{options.count} unseen prompts, {options.steps} steps, cfg {options.cfg:g}\n")
    print(table(result))
    for attribute in ATTRIBUTES:
        print(f"\n{confusion(result, attribute)}")
    if options.edits:
        kinds = {"img2img, denoise 0.5": image_to_image, "inpainting": inpaint}
        edited = {name: edit(model, options.edits, settings) for name, edit in kinds.items()}
        print(f"\n{edits_table(edited)}")
    wrong = [i for i, scene in enumerate(scenes) if score([scene], pictures[i : i + 1]).right == 0]
    if options.failures and wrong:
        save(contact_sheet(pictures[wrong], [prompts[i] for i in wrong]), options.failures)
    missed = result.missed()
    if missed:
        print(f"\nbelow target: {', '.join(missed)}")
    return int(bool(missed))


def save(sheet: Image.Image, path: Path) -> None:
    """Write a sheet with few colours, as a small file."""
    sheet.quantize(255).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
