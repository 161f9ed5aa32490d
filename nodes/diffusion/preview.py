"""A rough picture of latents, cheap enough to make at every step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.vae import Vae

__all__ = ["SD1_FIT", "SDXL_FIT", "PreviewFit", "preview_fit", "read_preview_fit"]

LARGEST = 512
"""The longer side of a preview in pixels, at most."""


@dataclass(frozen=True)
class PreviewFit:
    """A linear map from the channels of a scaled latent to red, green and blue in 0..1.

    `factors` holds one (r, g, b) per channel, `bias` is added to their sum.
    """

    factors: tuple[tuple[float, float, float], ...]
    bias: tuple[float, float, float]

    def rgb(self, latent: Tensor) -> Tensor:
        """Latents [B, C, h, w] to pictures [B, h, w, 3] in 0..1."""
        factors = torch.tensor(self.factors, device=latent.device)
        bias = torch.tensor(self.bias, device=latent.device)
        return torch.einsum("bchw,cr->bhwr", latent.float(), factors).add(bias).clamp(0, 1)

    def image(self, latent: Tensor, factor: int) -> Image.Image:
        """The first latent of a batch, enlarged `factor` times (to 512 pixels at most)."""
        pixels = (self.rgb(latent[:1])[0] * 255).round().to("cpu", torch.uint8).numpy()
        small = Image.fromarray(pixels)
        scale = max(1.0, min(float(factor), LARGEST / max(small.size)))
        size = (round(small.width * scale), round(small.height * scale))
        return small.resize(size, Image.Resampling.BILINEAR)


SD1_FIT = PreviewFit(
    factors=(
        (0.149, 0.104, 0.104),
        (0.094, 0.143, 0.087),
        (-0.079, 0.095, 0.132),
        (-0.092, -0.136, -0.237),
    ),
    bias=(0.5, 0.5, 0.5),
)
"""For the autoencoder of Stable Diffusion 1, from the fit that keturn published in 2022."""

SDXL_FIT = PreviewFit(
    factors=(
        (60 / 255, 60 / 255, 60 / 255),
        (-60 / 255, -5 / 255, 10 / 255),
        (25 / 255, 15 / 255, -5 / 255),
        (-70 / 255, -50 / 255, -35 / 255),
    ),
    bias=(150 / 255, 140 / 255, 130 / 255),
)
"""For the autoencoder of SDXL, from the fit in T. A. Vass's "Explaining the SDXL latent space"."""

KNOWN_FITS = {0.18215: SD1_FIT, 0.13025: SDXL_FIT}
"""By the scaling factor of the autoencoder, which differs between the families."""


def preview_fit(vae: Vae) -> PreviewFit | None:
    """The fit for the latents of a well-known autoencoder, else None."""
    if (vae.latent_channels, vae.factor) != (4, 8):
        return None
    return KNOWN_FITS.get(round(float(vae.model.config.scaling_factor), 5))


def read_preview_fit(path: Path, channels: int) -> PreviewFit:
    """Read `latent_preview.json`: {"factors": [[r, g, b] per channel], "bias": [r, g, b]}.

    Raises LoadError if the file is not that.
    """
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        factors = tuple((float(r), float(g), float(b)) for r, g, b in found["factors"])
        red, green, blue = (float(value) for value in found["bias"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LoadError(
            f'{path.name} must hold {{"factors": [[r, g, b], ...], "bias": [r, g, b]}}: {error}'
        ) from error
    if len(factors) != channels:
        raise LoadError(f"{path.name} has {len(factors)} factors for {channels} latent channels")
    return PreviewFit(factors, (red, green, blue))
