#!/usr/bin/env python
"""Train the built-in model, stage by stage, and export it as a diffusers folder.

Every stage resumes from its checkpoint in the working folder, so the same command continues
an interrupted run. In order: vae, text, latents, unet, decoder, export.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch

from shapes.export import assemble, export, load_reader, load_vae
from shapes.loop import Plan, best_device
from shapes.tokenizer import load_tokenizer, write_tokenizer
from shapes.train_text import train_text
from shapes.train_unet import Conditions, open_latents, train_unet, write_latents
from shapes.train_vae import train_decoder, train_vae

STAGES = ("vae", "text", "latents", "unet", "decoder", "export")
PICTURES = 40_000


@dataclass(frozen=True)
class Recipe:
    """What a stage uses unless the command line says otherwise."""

    steps: int
    batch: int
    rate: float


RECIPES = {
    "vae": Recipe(4300, 16, 2e-3),
    "text": Recipe(1500, 64, 1.5e-3),
    "unet": Recipe(7400, 32, 1e-3),
    "decoder": Recipe(1300, 16, 1.5e-3),
}


def plan_for(stage: str, options: argparse.Namespace) -> Plan:
    """The stage's recipe with what the command line overrides."""
    recipe = RECIPES[stage]
    return Plan(
        steps=options.steps or recipe.steps,
        batch=options.batch or recipe.batch,
        rate=options.rate or recipe.rate,
        folder=options.work,
        name=stage,
        seed=options.seed,
        ema=0.998,
        device=options.device,
    )


def run_stage(stage: str, options: argparse.Namespace) -> None:
    """Run one stage; each reads what the earlier ones left in the working folder."""
    work: Path = options.work
    work.mkdir(parents=True, exist_ok=True)
    write_tokenizer(work / "tokenizer")
    tokenizer = load_tokenizer(work / "tokenizer")
    if stage == "vae":
        train_vae(plan_for(stage, options))
    elif stage == "text":
        train_text(plan_for(stage, options), tokenizer)
    elif stage == "latents":
        write_latents(load_vae(work / "vae.pt").to(options.device), PICTURES, work)
    elif stage == "unet":
        reader = load_reader(work / "text.pt", len(tokenizer))
        conditions = Conditions(reader.encoder, tokenizer)
        train_unet(plan_for(stage, options), open_latents(work), conditions)
    elif stage == "decoder":
        train_decoder(plan_for(stage, options), load_vae(work / "vae.pt"))
    else:
        vae = load_vae(work / "decoder.pt")
        pipeline = assemble(options.out, vae, work / "text.pt", work / "unet.pt")
        export(options.out, pipeline)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stages", nargs="*", help=f"any of {', '.join(STAGES)}; all by default")
    parser.add_argument("--work", type=Path, default=Path("out/shapes"), help="checkpoints")
    parser.add_argument("--out", type=Path, default=Path("out/shapes-64"), help="exported model")
    parser.add_argument("--steps", type=int, help="steps in total, those already done included")
    parser.add_argument("--batch", type=int, help="pictures or captions for each step")
    parser.add_argument("--rate", type=float, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default=best_device(), help="cpu or cuda")
    parser.add_argument("--threads", type=int, help="CPU threads")
    options = parser.parse_args(arguments)
    unknown = [stage for stage in options.stages if stage not in STAGES]
    if unknown:
        parser.error(f"no such stage: {', '.join(unknown)}; the stages are {', '.join(STAGES)}")
    return options


def main(arguments: list[str] | None = None) -> None:
    """Run the stages asked for, in order."""
    options = parse(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    for stage in STAGES:
        if not options.stages or stage in options.stages:
            run_stage(stage, options)


if __name__ == "__main__":
    main()
