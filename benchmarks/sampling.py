"""What KSampler costs beside the calls of its network, and against diffusers' pipeline.

    python benchmarks/sampling.py                     # on the CPU, some four minutes
    python benchmarks/sampling.py --device cuda --dtype float16 --size 512 --steps 20
    python benchmarks/sampling.py --small             # a quick look: another network, no figures

A model of Stable Diffusion 1.5's size with random weights samples with Euler's method and guidance.
In each round, in an order that turns:

    bare         the network is called as often, on as much, and nothing else happens
    ours         the KSampler node
    diffusers    StableDiffusionPipeline with EulerDiscreteScheduler: the same weights, steps and
                 levels, prompts given as embeddings, and the latents as the result

Then from prompts to a picture: CLIPEncode twice, KSampler and VAEDecode against the pipeline.
Ratios are of runs of the same round. `within` is a run of ours over the calls in that same run,
which no other work on the machine can blur; on CUDA calls return before they are done, so there it
is left out. Wanted: ours / bare <= 1.02 and ours / diffusers <= 1.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor

from benchmarks.full_size import SCHEDULE, make
from nodegraph import Context
from nodes.diffusion.assembly import Checkpoint, Parts, TextPart, assemble
from nodes.diffusion.network import Network
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.parts import read_schedule
from nodes.diffusion.vae import Vae
from nodes.sampling import ksampler
from nodes.text import clip_encode
from nodes.types import Conditioning, Latent
from nodes.vae import vae_decode
from tests.nodes.tiny import tiny_tokenizer

diffusers: Any = importlib.import_module("diffusers")  # untyped

PROMPTS = ("a red cube on a blue table", "fog")
CFG = 7.0
Run = Callable[[], object]


@dataclass
class Clock:
    """The seconds that calls of a module take, one after the other."""

    module: torch.nn.Module
    seconds: float = 0.0
    _begun: list[float] = field(default_factory=list)

    def __enter__(self) -> Clock:
        self._handles = (
            self.module.register_forward_pre_hook(self._before),
            self.module.register_forward_hook(self._after),
        )
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _before(self, *_: object) -> None:
        self._begun.append(time.perf_counter())

    def _after(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begun.pop()


@dataclass(frozen=True)
class Bench:
    """One set of weights in both programs."""

    unet: torch.nn.Module
    checkpoint: Checkpoint
    pipeline: Any
    prompts: tuple[Conditioning, Conditioning]
    size: int
    steps: int
    ctx: Context

    @property
    def latent(self) -> Latent:
        return Latent(torch.zeros(1, 4, self.size // 8, self.size // 8))

    def bare(self) -> None:
        """The network alone, on a batch of two."""
        model = self.checkpoint.denoiser
        latent = self.latent.samples.to(model.device, model.dtype).repeat(2, 1, 1, 1)
        told = self.embeddings()
        network = model.network.ready()
        with torch.no_grad():
            for step in range(self.steps):
                time_ = torch.tensor([999.0 - step], device=model.device).expand(2)
                network(latent, time_, encoder_hidden_states=told, return_dict=False)

    def ours(self) -> Tensor:
        return self._sampled(*self.prompts).samples

    def theirs(self) -> Tensor:
        """The same by the pipeline, which numbers the noise otherwise."""
        wanted, unwanted = self.embeddings()[:1], self.embeddings()[1:]
        return self._piped(
            prompt_embeds=wanted, negative_prompt_embeds=unwanted, output_type="latent"
        )

    def our_picture(self) -> Tensor:
        clip = self.checkpoint.text_encoder
        prompts = [clip_encode(text, clip, ctx=self.ctx) for text in PROMPTS]
        return vae_decode(self._sampled(*prompts), self.checkpoint.vae, ctx=self.ctx).pixels

    def their_picture(self) -> Tensor:
        return self._piped(prompt=PROMPTS[0], negative_prompt=PROMPTS[1], output_type="pt")

    def embeddings(self) -> Tensor:
        """What both programs are told, [2, 77, D]."""
        model = self.checkpoint.denoiser
        rows = [prompt.entries[0].embedding for prompt in self.prompts]
        return torch.cat(rows).to(model.device, model.dtype)

    def _sampled(self, positive: Conditioning, negative: Conditioning) -> Latent:
        return ksampler(
            self.checkpoint.denoiser,
            steps=self.steps,
            cfg=CFG,
            positive=positive,
            negative=negative,
            latent_image=self.latent,
            ctx=self.ctx,
        )

    def _piped(self, **options: Any) -> Tensor:
        model = self.checkpoint.denoiser
        noise = initial_noise(tuple(self.latent.samples.shape), 0)
        # The scheduler begins at the highest level's noise alone, we at that and the picture's own.
        level = float(model.schedule.sigma_max)
        noise *= (level**2 + 1) ** 0.5 / level
        found: Tensor = self.pipeline(
            latents=noise.to(model.device, model.dtype),
            guidance_scale=CFG,
            num_inference_steps=self.steps,
            height=self.size,
            width=self.size,
            **options,
        ).images
        return found


def bench(options: argparse.Namespace) -> Bench:
    """Both programs around the same networks."""
    device, dtype = torch.device(options.device), getattr(torch, options.dtype)
    made = make("sd15", dtype, small=options.small)
    (text,) = made.text
    for network in (made.unet, made.vae, text):
        for weight in (*network.parameters(), *network.buffers()):
            weight.data = weight.data.clone().to(device)  # aligned, as loading leaves them
    schedule, prediction = read_schedule(SCHEDULE, "benchmark")
    tokenizer = tiny_tokenizer()
    parts = Parts(
        unet=made.unet,
        vae=Vae(Network(made.vae, device, dtype), device, dtype),
        text=(TextPart(text, tokenizer, device),),
        schedule=schedule,
        prediction=prediction,
        device=device,
        dtype=dtype,
    )
    diffusers.logging.set_verbosity_error()
    pipeline = diffusers.StableDiffusionPipeline(
        vae=made.vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=made.unet,
        scheduler=diffusers.EulerDiscreteScheduler(
            timestep_spacing="linspace", steps_offset=1, **SCHEDULE
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    checkpoint, ctx = assemble(parts), Context.local(device=options.device)
    positive, negative = (clip_encode(text, checkpoint.text_encoder, ctx=ctx) for text in PROMPTS)
    prompts = (positive, negative)
    return Bench(made.unet, checkpoint, pipeline, prompts, options.size, options.steps, ctx)


def seconds(run: Run, device: str) -> float:
    """How long it takes, until the device is done."""
    begun = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def compared(runs: Mapping[str, Run], device: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each, in rounds in which the order turns; the first one warms up."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    names = [*runs]
    for number in range(rounds + 1):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            taken = seconds(runs[name], device)
            if number:
                found[name].append(taken)
    return found


def told(found: dict[str, list[float]], wanted: dict[str, float]) -> None:
    """A line for each, and the ratios of ours to the others."""
    for name, taken in found.items():
        print(f"{name:<12} {statistics.median(taken):9.3f} s  {_spread(taken, 3)}")
    for name, goal in wanted.items():
        pairs = zip(found["ours"], found[name], strict=True)
        print_ratio(f"ours / {name}", [mine / other for mine, other in pairs], goal)


def print_ratio(what: str, ratios: list[float], goal: float) -> None:
    print(f"{what:<19} {statistics.median(ratios):5.3f}  {_spread(ratios, 3)}  wanted <= {goal}")


def _spread(values: list[float], digits: int) -> str:
    return f"({min(values):.{digits}f} to {max(values):.{digits}f})"


def within(made: Bench, rounds: int) -> list[float]:
    """The time of runs over that of the network's calls in them."""
    ratios = []
    for _ in range(rounds):
        with Clock(made.unet) as clock:
            whole = seconds(made.ours, "cpu")
        ratios.append(whole / clock.seconds)
    return ratios


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what sampling costs beside the network.")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=("float32", "float16", "bfloat16"), default="float32")
    parser.add_argument("--size", type=int, default=256, help="pixels a side")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--small", action="store_true", help="a network of a few layers")
    options = parser.parse_args()
    made = bench(options)
    ours, theirs = made.ours(), made.theirs().float().cpu()
    apart = float((ours - theirs).abs().max() / theirs.std())
    print(
        f"{options.size} x {options.size}, {options.steps} steps, {options.dtype} on "
        f"{options.device}, {torch.get_num_threads()} threads, {options.rounds} rounds; "
        f"latents differ by {apart:.1e} of their spread"
    )
    sampled = {"bare": made.bare, "ours": made.ours, "diffusers": made.theirs}
    told(compared(sampled, options.device, options.rounds), {"bare": 1.02, "diffusers": 1.0})
    if options.device == "cpu":
        print_ratio("within", within(made, options.rounds), 1.02)
    print("from prompts to a picture")
    whole = {"ours": made.our_picture, "diffusers": made.their_picture}
    told(compared(whole, options.device, options.rounds), {"diffusers": 1.0})


if __name__ == "__main__":
    main()
