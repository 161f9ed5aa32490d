"""What travels on the wires of the diffusion pack: frozen, validated, on the CPU in float32.

A node that changes a value returns a new one; tensors may be shared between values and are
never written to.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.conditioning import Conditioning
from nodes.diffusion.control import ControlNet
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guider import Guider
from nodes.diffusion.ladder import Sigmas
from nodes.diffusion.noise_choice import NoiseChoice
from nodes.diffusion.samplers import SamplerChoice
from nodes.diffusion.sampling import check_size
from nodes.diffusion.text import TextEncoder
from nodes.diffusion.upscaler import Upscaler as UpscaleModel
from nodes.diffusion.vae import Vae

__all__ = [
    "Conditioning",
    "ControlNet",
    "Denoiser",
    "Guider",
    "Image",
    "Latent",
    "Mask",
    "NoiseChoice",
    "SamplerChoice",
    "Sigmas",
    "TextEncoder",
    "UpscaleModel",
    "Vae",
]


def _check(name: str, tensor: object, dims: str) -> None:
    expected = len(dims.split(","))
    if not isinstance(tensor, Tensor) or tensor.ndim != expected:
        got = list(tensor.shape) if isinstance(tensor, Tensor) else type(tensor).__name__
        raise ValueError(f"{name} must be a tensor [{dims}], got {got}")
    if tensor.dtype != torch.float32:
        raise ValueError(f"{name} must be float32, got {tensor.dtype}")


@dataclass(frozen=True, eq=False)
class Image:
    """A batch of pictures: `pixels` is [B, H, W, C] in 0..1, C = 3 (RGB) or 4 (RGBA)."""

    pixels: Tensor

    def __post_init__(self) -> None:
        _check("Image.pixels", self.pixels, "B, H, W, C")
        if self.pixels.shape[-1] not in (3, 4):
            raise ValueError(f"Image.pixels needs 3 or 4 channels, got {self.pixels.shape[-1]}")

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[1], self.pixels.shape[2]


@dataclass(frozen=True, eq=False)
class Mask:
    """A batch of masks: `values` is [B, H, W] in 0..1, 1 = selected."""

    values: Tensor

    def __post_init__(self) -> None:
        _check("Mask.values", self.values, "B, H, W")


@dataclass(frozen=True, eq=False)
class Latent:
    """A batch of latents: `samples` is [B, C, h, w], as a sampler sees them.

    That is what the VAE gives, times its scaling factor. `noise_mask` ([B or 1, H, W] in 0..1,
    any resolution; 1 = to be sampled anew) limits sampling; `batch_index` numbers the images of
    the batch, so that a part taken out of a batch draws the same noise. `empty_size` (height,
    width in pixels) marks an empty latent, whose `samples` are zeros of no model in particular: a
    sampler remakes them with the channels and the pixels per cell of its own model.
    """

    samples: Tensor
    noise_mask: Tensor | None = None
    batch_index: tuple[int, ...] | None = None
    empty_size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _check("Latent.samples", self.samples, "B, C, h, w")
        if self.noise_mask is not None:
            _check("Latent.noise_mask", self.noise_mask, "B, H, W")
        if self.batch_index is not None and len(self.batch_index) != self.samples.shape[0]:
            raise ValueError(
                f"Latent.batch_index numbers {len(self.batch_index)} images, "
                f"the batch has {self.samples.shape[0]}"
            )

    def cells(self, channels: int, factor: int) -> Tensor:
        """The samples; for an empty latent, zeros [B, `channels`, h, w] made for one model.

        `factor` is the model's pixels per cell. Raises ValueError for a size in pixels that is no
        multiple of it, naming the nearest.
        """
        if self.empty_size is None:
            return self.samples
        check_size(*self.empty_size, factor)
        height, width = self.empty_size
        return torch.zeros(self.samples.shape[0], channels, height // factor, width // factor)
