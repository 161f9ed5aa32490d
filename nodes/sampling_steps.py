"""What happens on the way: every step of the sampling, to be looked at."""

from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

import torch
from torch import Tensor

from nodegraph import Context, Range, node
from nodes.diffusion.denoiser import input_scale
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.noise_choice import NoiseChoice
from nodes.diffusion.samplers import SamplerChoice, StepInfo
from nodes.sampling import Cfg, SamplerName, SchedulerName, SeedInput, Steps
from nodes.sampling_run import run
from nodes.sigmas import ladder_for
from nodes.types import Conditioning, Denoiser, Latent

__all__ = ["NODES", "SampledSteps", "ksampler_steps"]


class SampledSteps(NamedTuple):
    """The finished latent, what the model saw in each step, and the noisy latents themselves."""

    latent: Latent
    denoised: Latent
    noisy: Latent


@dataclass(eq=False)
class _Film:
    """Keeps every n-th step, and the last one."""

    model: Denoiser
    every: int
    denoised: list[Tensor] = field(default_factory=list)
    noisy: list[Tensor] = field(default_factory=list)

    def __call__(self, step: StepInfo) -> None:
        if step.index % self.every and step.index != step.total - 1:
            return
        scale = input_scale(self.model.prediction, torch.tensor(step.sigma))
        self.denoised.append(step.denoised.float().cpu())
        self.noisy.append((step.x * scale.to(step.x)).float().cpu())


@node(category="sampling", name="KSamplerSteps", display_name="KSampler (steps)")
def ksampler_steps(
    model: Denoiser,
    *,
    seed: SeedInput = 0,
    steps: Steps = 20,
    cfg: Cfg = 8.0,
    sampler_name: SamplerName = "euler",
    scheduler: SchedulerName = "normal",
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    denoise: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0,
    every: Annotated[int, Range(1, 10000)] = 1,
    ctx: Context,
) -> SampledSteps:
    """KSampler, and what it had at every n-th step, to be decoded like any latent.

    The steps are a batch: all those of the first picture, then those of the next one.

    Args:
        seed: of the noise; picture k of a batch is the one that seed + k gives alone.
        steps: how many; more is finer and slower.
        cfg: how strongly the prompt is followed; at 1 the negative prompt is not used.
        positive: what to see.
        negative: what not to see.
        latent_image: an empty latent, or one to begin from.
        denoise: how much of the way to go: 1 begins at noise alone, 0 changes nothing.
        every: 1 keeps every step, 2 every second; the first and the last are always kept.

    Raises:
        ValueError: as KSampler.
    """
    film = _Film(model, every)
    latent = run(
        ctx,
        PromptGuider.cfg(model, positive, negative, cfg),
        latent_image,
        noise=NoiseChoice(seed),
        sampler=SamplerChoice(sampler_name),
        sigmas=ladder_for(scheduler, model, steps, denoise, sampler_name),
        watch=film,
    )
    kept = [_batch(part) if part else latent for part in (film.denoised, film.noisy)]
    return SampledSteps(latent, *kept)


def _batch(kept: list[Tensor]) -> Latent:
    return Latent(torch.stack(kept, dim=1).flatten(0, 1))


NODES = (ksampler_steps,)
