"""From noise to pictures."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import torch
from torch import Tensor

from nodegraph import Choice, Context, NodeError, Range, Seed, node
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.samplers import SAMPLERS, SamplerChoice, StepInfo
from nodes.diffusion.sampling import ladder_part, sample
from nodes.diffusion.schedules import SCHEDULERS, sigmas_for
from nodes.types import Conditioning, Denoiser, Latent

__all__ = ["NODES", "ksampler", "ksampler_advanced"]

SeedInput = Annotated[int, Seed()]
Steps = Annotated[int, Range(1, 10000)]
Step = Annotated[int, Range(0, 10000)]
Cfg = Annotated[float, Range(0.0, 100.0, 0.1)]
SamplerName = Annotated[str, Choice(*SAMPLERS)]
SchedulerName = Annotated[str, Choice(*SCHEDULERS)]
Switch = Literal["enable", "disable"]

LONGEST_LADDER = 1_000_000
"""Steps at full denoise, of which the end may be taken."""


@node(category="sampling", name="KSampler", display_name="KSampler")
def ksampler(
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
    ctx: Context,
) -> Latent:
    """Make a picture (as a latent) out of noise, or out of another one with noise added.

    Args:
        seed: of the noise; picture k of a batch is the one that seed + k gives alone.
        steps: how many; more is finer and slower.
        cfg: how strongly the prompt is followed; at 1 the negative prompt is not used.
        positive: what to see.
        negative: what not to see.
        latent_image: an empty latent, or one to begin from. Where it has a noise mask, only what
            is in the mask changes.
        denoise: how much of the way to go: 1 begins at noise alone, 0 changes nothing.

    Raises:
        ValueError: for a size that is no multiple of the model's cell, for a latent or prompts of
            another model, and for batches that do not fit together.
    """
    latent = _made_for(model, latent_image)
    if denoise == 0.0:
        return latent
    if steps / denoise > LONGEST_LADDER:
        raise NodeError(
            f"{steps} steps at denoise {denoise:g} are the end of {steps / denoise:.0f} steps, and "
            f"{LONGEST_LADDER} are the most; nearest denoise: {steps / LONGEST_LADDER:g}"
        )
    sigmas = sigmas_for(scheduler, model.schedule, steps, denoise=denoise, sampler=sampler_name)
    noise = initial_noise(latent.samples.shape, seed, latent.batch_index)
    wish = _Wish(positive, negative, cfg, sampler_name, seed)
    return _sampled(ctx, model, latent, noise, sigmas, wish)


@node(category="sampling", name="KSamplerAdvanced", display_name="KSampler (advanced)")
def ksampler_advanced(
    model: Denoiser,
    *,
    add_noise: Switch = "enable",
    noise_seed: SeedInput = 0,
    steps: Steps = 20,
    cfg: Cfg = 8.0,
    sampler_name: SamplerName = "euler",
    scheduler: SchedulerName = "normal",
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    start_at_step: Step = 0,
    end_at_step: Step = 10000,
    return_with_leftover_noise: Switch = "disable",
    ctx: Context,
) -> Latent:
    """A part of the steps from noise to picture, to be followed by others.

    Args:
        add_noise: disable for a latent that has its noise already, from an earlier part.
        noise_seed: of the noise; picture k of a batch is the one that seed + k gives alone.
        steps: of the whole way, of which this is a part.
        cfg: how strongly the prompt is followed; at 1 the negative prompt is not used.
        start_at_step: steps before this one are left out.
        end_at_step: steps from this one on are left out.
        return_with_leftover_noise: enable to end with the noise of the last step, for a later part
            to go on with; disable to end with a finished picture.

    Raises:
        ValueError: as KSampler.
    """
    latent = _made_for(model, latent_image)
    ladder = sigmas_for(scheduler, model.schedule, steps, sampler=sampler_name)
    leftover = return_with_leftover_noise == "enable"
    sigmas = ladder_part(ladder, start_at_step, end_at_step, leftover=leftover)
    if sigmas is None:
        return latent
    if add_noise == "enable":
        noise = initial_noise(latent.samples.shape, noise_seed, latent.batch_index)
    else:
        noise = torch.zeros_like(latent.samples)
    wish = _Wish(positive, negative, cfg, sampler_name, noise_seed)
    return _sampled(ctx, model, latent, noise, sigmas, wish)


@dataclass(frozen=True, eq=False)
class _Wish:
    """What both samplers are asked alike."""

    positive: Conditioning
    negative: Conditioning
    cfg: float
    sampler_name: str
    seed: int


def _made_for(model: Denoiser, latent: Latent) -> Latent:
    """The latent with the channels and cells of a model, if it is an empty one."""
    samples = latent.cells(model.latent_channels, model.latent_factor)
    return replace(latent, samples=samples, empty_size=None)


def _sampled(
    ctx: Context, model: Denoiser, latent: Latent, noise: Tensor, sigmas: Tensor, wish: _Wish
) -> Latent:
    sampler = SamplerChoice(wish.sampler_name)
    samples = sample(
        model,
        latent.samples,
        noise,
        wish.positive,
        wish.negative,
        cfg=wish.cfg,
        sampler=sampler,
        sigmas=sigmas,
        step_noise=sampler.step_noise(wish.seed, latent.batch_index, latent.samples.shape, sigmas),
        mask=latent.noise_mask,
        callback=_reporter(ctx, model),
        tick=ctx.check_cancelled,
    )
    return replace(latent, samples=samples)


def _reporter(ctx: Context, model: Denoiser) -> Callable[[StepInfo], None]:
    """Tells of every step, with a rough picture if somebody looks."""

    def report(step: StepInfo) -> None:
        ctx.progress(step.index + 1, step.total)
        if ctx.wants_preview and model.preview is not None:
            ctx.preview(model.preview.image(step.denoised, model.latent_factor))

    return report


NODES = (ksampler, ksampler_advanced)
