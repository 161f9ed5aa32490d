"""From noise to pictures."""

from typing import Annotated, Literal

from nodegraph import Choice, Context, Range, Seed, node
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.ladder import Sigmas
from nodes.diffusion.noise_choice import NoiseChoice
from nodes.diffusion.samplers import SAMPLERS, SamplerChoice
from nodes.diffusion.sampling import ladder_part
from nodes.diffusion.schedules import SCHEDULERS, sigmas_for
from nodes.sampling_run import made_for, run
from nodes.sigmas import ladder_for
from nodes.types import Conditioning, Denoiser, Latent

__all__ = [
    "NODES",
    "Cfg",
    "SamplerName",
    "SchedulerName",
    "SeedInput",
    "Steps",
    "ksampler",
    "ksampler_advanced",
]

SeedInput = Annotated[int, Seed()]
Steps = Annotated[int, Range(1, 10000)]
Step = Annotated[int, Range(0, 10000)]
Cfg = Annotated[float, Range(0.0, 100.0, 0.1)]
SamplerName = Annotated[str, Choice(*SAMPLERS)]
SchedulerName = Annotated[str, Choice(*SCHEDULERS)]
Switch = Literal["enable", "disable"]


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
    sigmas = ladder_for(scheduler, model, steps, denoise, sampler_name)
    return run(
        ctx,
        PromptGuider.cfg(model, positive, negative, cfg),
        latent_image,
        noise=NoiseChoice(seed),
        sampler=SamplerChoice(sampler_name),
        sigmas=sigmas,
    )


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
    ladder = sigmas_for(scheduler, model.schedule, steps, sampler=sampler_name)
    leftover = return_with_leftover_noise == "enable"
    sigmas = ladder_part(ladder, start_at_step, end_at_step, leftover=leftover)
    if sigmas is None:
        return made_for(model, latent_image)
    return run(
        ctx,
        PromptGuider.cfg(model, positive, negative, cfg),
        latent_image,
        noise=NoiseChoice(noise_seed, scale=1.0 if add_noise == "enable" else 0.0),
        sampler=SamplerChoice(sampler_name),
        sigmas=Sigmas(sigmas),
    )


NODES = (ksampler, ksampler_advanced)
