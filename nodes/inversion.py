"""From a picture back to its noise."""

from dataclasses import replace
from typing import Annotated

import torch

from nodegraph import Context, NodeError, Range, node
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.inversion import Inversion
from nodes.diffusion.noise import no_noise
from nodes.diffusion.sampling import sample
from nodes.sampling import Cfg, SchedulerName, Steps
from nodes.sampling_run import made_for, reporter
from nodes.sigmas import ladder_for
from nodes.types import Conditioning, Denoiser, Latent

__all__ = ["NODES", "ddim_inversion"]


@node(category="sampling", name="DDIMInversion", display_name="DDIM Inversion")
def ddim_inversion(
    model: Denoiser,
    steps: Steps = 20,
    cfg: Cfg = 1.0,
    scheduler: SchedulerName = "normal",
    iterations: Annotated[int, Range(1, 100)] = 3,
    *,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    ctx: Context,
) -> Latent:
    """The noise that a picture comes of: sample it with another prompt, and the picture is edited.

    What is to sample it adds no noise (KSamplerAdvanced, SamplerCustom), has the same steps and
    scheduler, and a sampler that draws no noise: euler or ddim.

    Args:
        steps: as many as the sampling will have.
        cfg: how strongly the prompt is followed; above 1 the way back is less exact.
        scheduler: the one that the sampling will have.
        iterations: how often each step is refined. 1 is DDIM inversion as usual; with more, the
            same prompt leads back to the picture the more exactly.
        positive: what the picture shows.
        negative: what it does not show.
        latent_image: the picture.

    Raises:
        NodeError: for an empty latent, of which there is nothing to go back from.
        ValueError: for a latent or prompts of another model.
    """
    if latent_image.empty_size is not None:
        raise NodeError("'latent_image' is empty: give the latent of a picture (VAEEncode)")
    latent = made_for(model, latent_image)
    levels = ladder_for(scheduler, model, steps, 1.0).levels.flip(0)
    samples = sample(
        PromptGuider.cfg(model, positive, negative, cfg),
        latent.samples,
        torch.zeros_like(latent.samples),
        sampler=Inversion(iterations, variance_kept=model.prediction != "flow_prediction"),
        sigmas=levels,
        step_noise=no_noise,
        callback=reporter(ctx, model),
        tick=ctx.check_cancelled,
    )
    return replace(latent, samples=samples)


NODES = (ddim_inversion,)
