"""Sampling put together from parts: noise, guider, sampler, ladder."""

from typing import NamedTuple

from nodegraph import Context, node
from nodes.diffusion.guider import PromptGuider
from nodes.sampling import Cfg, SamplerName, SeedInput
from nodes.sampling_run import LastDenoised, run
from nodes.types import Conditioning, Denoiser, Guider, Latent, NoiseChoice, SamplerChoice, Sigmas

__all__ = ["NODES", "Sampled", "sampler_custom", "sampler_custom_advanced"]


class Sampled(NamedTuple):
    """Where the ladder ends, and what the model saw in it at the last step."""

    output: Latent
    denoised_output: Latent


@node(category="sampling/custom")
def sampler_custom(
    model: Denoiser,
    add_noise: bool = True,
    noise_seed: SeedInput = 0,
    cfg: Cfg = 8.0,
    *,
    positive: Conditioning,
    negative: Conditioning,
    sampler: SamplerChoice,
    sigmas: Sigmas,
    latent_image: Latent,
    ctx: Context,
) -> Sampled:
    """KSampler with a sampler and noise levels of your own.

    Args:
        add_noise: off for a latent that has its noise already, from an earlier part.
        noise_seed: of the noise; picture k of a batch is the one that seed + k gives alone.
        cfg: how strongly the prompt is followed; at 1 the negative prompt is not used.
        sigmas: the noise levels to visit; the run ends at the last one, with its noise.

    Raises:
        ValueError: for a size that is no multiple of the model's cell, for a latent or prompts of
            another model, and for batches that do not fit together.
    """
    noise = NoiseChoice(noise_seed, scale=1.0 if add_noise else 0.0)
    guider = PromptGuider.cfg(model, positive, negative, cfg)
    return _sampled(ctx, noise, guider, sampler, sigmas, latent_image)


@node(category="sampling/custom")
def sampler_custom_advanced(
    noise: NoiseChoice,
    guider: Guider,
    sampler: SamplerChoice,
    sigmas: Sigmas,
    latent_image: Latent,
    *,
    ctx: Context,
) -> Sampled:
    """Sample with every part chosen apart.

    Args:
        sigmas: the noise levels to visit; the run ends at the last one, with its noise.

    Raises:
        ValueError: as SamplerCustom.
    """
    return _sampled(ctx, noise, guider, sampler, sigmas, latent_image)


def _sampled(
    ctx: Context,
    noise: NoiseChoice,
    guider: Guider,
    sampler: SamplerChoice,
    sigmas: Sigmas,
    latent: Latent,
) -> Sampled:
    last = LastDenoised()
    output = run(ctx, guider, latent, noise=noise, sampler=sampler, sigmas=sigmas, watch=last)
    return Sampled(output, last.latent(output))


@node(category="sampling/custom/noise", outputs=("noise",))
def random_noise(
    noise_seed: SeedInput = 0,
) -> NoiseChoice:
    """Noise to begin from; picture k of a batch gets that of seed + k."""
    return NoiseChoice(noise_seed)


@node(category="sampling/custom/noise", outputs=("noise",))
def disable_noise() -> NoiseChoice:
    """None, for a latent that has its noise already. Stochastic samplers draw that of seed 0."""
    return NoiseChoice(0, scale=0.0)


@node(category="sampling/custom", name="KSamplerSelect", outputs=("sampler",))
def ksampler_select(sampler_name: SamplerName = "euler") -> SamplerChoice:
    """A sampler by its name."""
    return SamplerChoice(sampler_name)


NODES = (
    sampler_custom,
    sampler_custom_advanced,
    random_noise,
    disable_noise,
    ksampler_select,
)
