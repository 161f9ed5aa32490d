"""Pictures of what cannot be seen: ladders, noise schedules, latents, the way to noise."""

from typing import Annotated, Literal

import torch
from PIL import Image as Pillow

from nodegraph import NodeError, Range, Seed, node
from nodes.diffusion.denoiser import input_scale
from nodes.diffusion.noise import initial_noise
from nodes.pixels import from_pil
from nodes.plot import draw_line
from nodes.sampling_run import made_for
from nodes.types import Denoiser, Image, Latent, Sigmas

__all__ = ["NODES"]

Side = Annotated[int, Range(128, 4096)]
Scale = Literal["logarithmic", "linear"]


@node(category="sampling/custom/sigmas")
def plot_sigmas(
    sigmas: Sigmas, scale: Scale = "logarithmic", width: Side = 512, height: Side = 320
) -> Image:
    """Draw noise levels by step.

    Args:
        scale: of the levels; on the logarithmic one a 0 lies on the lower edge.

    Raises:
        NodeError: if there is no level.
    """
    levels = sigmas.levels.tolist()
    if not levels:
        raise NodeError("'sigmas' has no level to draw")
    title = f"sigma {levels[0]:.4g} to {levels[-1]:.4g}, {sigmas.steps} steps"
    return _drawn([*enumerate(levels)], scale, (width, height), title, "step")


@node(category="sampling/custom/sigmas")
def plot_noise_schedule(
    model: Denoiser,
    quantity: Literal["signal to noise", "alpha bar", "sigma"] = "signal to noise",
    scale: Scale = "logarithmic",
    width: Side = 512,
    height: Side = 320,
) -> Image:
    """Draw what a model was trained with: the noise at every time.

    Args:
        quantity: the power of the picture over that of the noise, 1 / sigma²; the share alpha bar
            of the picture's power in the whole; or the level sigma.
        scale: of the quantity.
    """
    schedule = model.schedule
    alphas = schedule.alphas_cumprod
    values = {
        "signal to noise": alphas / (1 - alphas),
        "alpha bar": alphas,
        "sigma": schedule.sigmas.double(),
    }[quantity]
    return _drawn([*enumerate(values.tolist())], scale, (width, height), quantity, "time")


def _drawn(
    points: list[tuple[int, float]], scale: Scale, size: tuple[int, int], title: str, below: str
) -> Image:
    log = scale == "logarithmic"
    return _image(draw_line(points, size=size, title=title, below=below, log=log))


def _image(picture: Pillow.Image) -> Image:
    return Image(from_pil(picture)[None, ..., :3])


@node(category="latent")
def latent_channels(
    samples: Latent,
    spread: Annotated[float, Range(0.1, 100.0, 0.1)] = 3.0,
    pixels_per_cell: Annotated[int, Range(1, 64)] = 8,
) -> Image:
    """The channels of latents as grey pictures side by side, one row of them for each picture.

    Args:
        spread: values from minus this to this become black to white; 3 shows nearly all of unit
            noise.
        pixels_per_cell: how large a cell is drawn.
    """
    grey = (samples.samples / (2 * spread) + 0.5).clamp(0, 1)
    row = torch.cat(grey.unbind(1), dim=2)
    large = row.repeat_interleave(pixels_per_cell, 1).repeat_interleave(pixels_per_cell, 2)
    return Image(large[..., None].expand(-1, -1, -1, 3).contiguous())


@node(category="latent")
def forward_process(
    model: Denoiser,
    samples: Latent,
    sigmas: Sigmas,
    seed: Annotated[int, Seed()] = 0,
) -> Latent:
    """A latent with ever more or less noise, as the model was trained on it: one for each level.

    They are scaled as the network sees them, so that a decoder shows picture turning to noise.

    Args:
        samples: a batch is taken one after the other, all levels of the first one first.
        sigmas: the levels, from BasicScheduler or ManualSigmas.
        seed: of the noise, which is the same at all levels.

    Raises:
        NodeError: if there is no level.
    """
    if not len(sigmas.levels):
        raise NodeError("'sigmas' has no level to show")
    latent = made_for(model, samples)
    noise = initial_noise(latent.samples.shape, seed, latent.batch_index)
    rows = [
        model.noised(latent.samples, noise, level) * input_scale(model.prediction, level)
        for level in sigmas.levels
    ]
    return Latent(torch.stack(rows, dim=1).flatten(0, 1))


NODES = (plot_sigmas, plot_noise_schedule, latent_channels, forward_process)
