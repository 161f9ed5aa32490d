"""A run: noise, guider, ladder and sampler put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.diffusion.beside import fit_mask
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.errors import NotFiniteError, ShapeError
from nodes.diffusion.guider import Guider
from nodes.diffusion.samplers_base import Callback, Noise, RunDenoise, Sampler

__all__ = ["check_size", "ladder_part", "sample"]


def _nothing() -> None:
    """What happens before a call of the network, unless the caller says otherwise."""


def check_size(height: int, width: int, factor: int) -> None:
    """Raises ShapeError for a picture that is no whole number of latent cells, naming the nearest.

    `height` and `width` in pixels, `factor` pixels per cell.
    """
    for name, side in (("height", height), ("width", width)):
        if side % factor or side < factor:
            below = max(side // factor, 1) * factor
            nearest = f"{below} or {below + factor}" if side >= factor else str(below)
            raise ShapeError(
                f"{name} {side} is no multiple of {factor}, which this model needs; "
                f"nearest: {nearest}"
            )


def ladder_part(sigmas: Tensor, start: int, end: int, *, leftover: bool) -> Tensor | None:
    """The levels of the steps `start` to `end` of a ladder [n + 1]; None if there is no step left.

    A part that ends early ends at 0 all the same unless `leftover` noise is wanted.
    """
    last = len(sigmas) - 1
    part = sigmas[: min(end, last) + 1].clone()
    if not leftover:
        part[-1] = 0.0
    return part[start:] if len(part[start:]) > 1 else None


def sample(
    guider: Guider,
    latent: Tensor,
    noise: Tensor,
    *,
    sampler: Sampler,
    sigmas: Tensor,
    step_noise: Noise,
    mask: Tensor | None = None,
    batched: bool = True,
    callback: Callback | None = None,
    tick: Callable[[], None] = _nothing,
) -> Tensor:
    """Sample from `latent` [B, C, h, w] with unit `noise` (alike) down the levels `sigmas` [n + 1].

    Everything comes and goes on the CPU in float32. With a `mask` ([1 or B, H, W], 1 = anew) the
    rest follows the noised original at every level, and is the original again where the ladder
    ends at 0. `step_noise` gives what a stochastic sampler adds; `tick` is called before every
    call of the network.

    Raises ShapeError for parts that do not fit, NotFiniteError if the result is not finite.
    """
    denoiser = guider.model
    if latent.shape[1] != denoiser.latent_channels:
        raise ShapeError(
            f"the latent has {latent.shape[1]} channels and this model takes "
            f"{denoiser.latent_channels}: encode it with the VAE that belongs to the model"
        )
    guided = guider.begin(latent, mask, tick=tick, batched=batched, ladder=sigmas.tolist())
    latent, noise = latent.to(denoiser.device), noise.to(denoiser.device)
    keep = None if mask is None else _Kept.where(mask, guided, denoiser, latent, noise)
    with torch.no_grad():
        result = sampler(
            guided if keep is None else keep,
            denoiser.start(latent, noise, sigmas[0]),
            sigmas,
            noise=lambda sigma, sigma_next: step_noise(sigma, sigma_next).to(latent.device),
            callback=callback,
        )
        if keep is not None and float(sigmas[-1]) == 0.0:
            result = torch.where(keep.mask > 0, result, keep.latent)
        result = denoiser.finish(result, sigmas[-1]).float().cpu()
    if not bool(result.isfinite().all()):
        raise NotFiniteError(
            f"sampling gave NaN or infinity in {denoiser.dtype}; try dtype float32 or bfloat16, "
            f"or a lower cfg"
        )
    return result


@dataclass(frozen=True, eq=False)
class _Kept:
    """Denoise where `mask` [1 or B, 1, h, w] is 1, and know the answer where it is 0."""

    inner: RunDenoise
    denoiser: Denoiser
    latent: Tensor
    noise: Tensor
    mask: Tensor

    @classmethod
    def where(
        cls, mask: Tensor, inner: RunDenoise, denoiser: Denoiser, latent: Tensor, noise: Tensor
    ) -> _Kept:
        """With a mask [1 or B, H, W] of any resolution."""
        batch, _, height, width = latent.shape
        fitted = fit_mask(mask, "the noise mask", batch, height, width)
        return cls(inner, denoiser, latent, noise, fitted.to(latent.device))

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        return self._merged(self.inner(self._renoised(x, sigma), sigma), self.latent)

    def guided(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        denoised, uncond = self.inner.guided(self._renoised(x, sigma), sigma)
        return self._merged(denoised, self.latent), uncond

    def with_variance(self, x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        denoised, share = self.inner.with_variance(self._renoised(x, sigma), sigma)
        return self._merged(denoised, self.latent), share

    def _renoised(self, x: Tensor, sigma: Tensor) -> Tensor:
        return self._merged(x, self.denoiser.noised(self.latent, self.noise, sigma))

    def _merged(self, new: Tensor, old: Tensor) -> Tensor:
        return new * self.mask + old * (1 - self.mask)
