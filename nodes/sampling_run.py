"""What all nodes that sample share: a run put together from values, told of while it goes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from nodegraph import Context
from nodes.diffusion.flow_coordinates import for_schedule
from nodes.diffusion.guider import Guider
from nodes.diffusion.ladder import Sigmas
from nodes.diffusion.noise_choice import NoiseChoice
from nodes.diffusion.samplers import Callback, SamplerChoice, StepInfo
from nodes.diffusion.sampling import sample
from nodes.types import Denoiser, Latent

__all__ = ["LastDenoised", "made_for", "reporter", "run"]


def made_for(model: Denoiser, latent: Latent) -> Latent:
    """The latent with the channels and cells of a model, if it is an empty one."""
    samples = latent.cells(model.latent_channels, model.latent_factor)
    return replace(latent, samples=samples, empty_size=None)


def run(
    ctx: Context,
    guider: Guider,
    latent: Latent,
    *,
    noise: NoiseChoice,
    sampler: SamplerChoice,
    sigmas: Sigmas,
    watch: Callback | None = None,
) -> Latent:
    """The latent carried down the ladder; `watch` sees every step.

    A ladder without a step changes nothing. Raises ValueError for parts that do not fit.
    """
    latent = made_for(guider.model, latent)
    if sigmas.steps == 0:
        return latent
    shape = latent.samples.shape
    samples = sample(
        guider,
        latent.samples,
        noise.initial(shape, latent.batch_index),
        sampler=for_schedule(sampler, guider.model.schedule),
        sigmas=sigmas.levels,
        step_noise=sampler.step_noise(noise.seed, latent.batch_index, shape, sigmas.levels),
        mask=latent.noise_mask,
        callback=_both(reporter(ctx, guider.model), watch),
        tick=ctx.check_cancelled,
    )
    return replace(latent, samples=samples)


def _both(first: Callback, second: Callback | None) -> Callback:
    def call(step: StepInfo) -> None:
        first(step)
        if second is not None:
            second(step)

    return call


def reporter(ctx: Context, model: Denoiser) -> Callable[[StepInfo], None]:
    """Tells of every step, with a rough picture if somebody looks."""

    def report(step: StepInfo) -> None:
        ctx.progress(step.index + 1, step.total)
        if ctx.wants_preview and model.preview is not None:
            ctx.preview(model.preview.image(step.denoised, model.latent_factor))

    return report


@dataclass(eq=False)
class LastDenoised:
    """Keeps what the network made of the sample at the last step it was asked."""

    kept: Tensor | None = None

    def __call__(self, step: StepInfo) -> None:
        self.kept = step.denoised

    def latent(self, finished: Latent) -> Latent:
        """That as a latent like `finished`, which it is where there was no step."""
        if self.kept is None:
            return finished
        return replace(finished, samples=self.kept.float().cpu())
