"""Pictures to latents and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from nodes.diffusion.errors import NotFiniteError, ShapeError
from nodes.diffusion.network import Network
from nodes.diffusion.tiles import tile_sizes, tiled

__all__ = ["Autoencoder", "Vae"]


def _nothing() -> None:
    """What happens before a call of the network, unless the caller says otherwise."""


class Autoencoder(Protocol):
    """What is asked of diffusers' AutoencoderKL; pictures in -1..1, latents unscaled."""

    config: Any

    def encode(self, x: Tensor) -> Any: ...

    def decode(self, z: Tensor) -> Any: ...


@dataclass(frozen=True, eq=False)
class Vae:
    """An autoencoder: pixels [B, H, W, 3] in 0..1, latents [B, C, H / factor, W / factor].

    Latents are scaled, z = (mean - shift) scale, so that their variance is about 1. Pictures go
    through one at a time: a batch gives what its pictures give alone, in the memory of one.
    """

    __opaque__: ClassVar[bool] = True

    network: Network
    device: torch.device
    dtype: torch.dtype

    @property
    def model(self) -> Autoencoder:
        """The autoencoder as it was last used; its configuration is what can be read of it."""
        model: Autoencoder = self.network.module
        return model

    @property
    def latent_channels(self) -> int:
        return int(self.model.config.latent_channels)

    @property
    def factor(self) -> int:
        """Pixels per latent cell, along each side."""
        return int(2 ** (len(self.model.config.block_out_channels) - 1))

    def encode(self, pixels: Tensor, tick: Callable[[], None] = _nothing) -> Tensor:
        """Pixels [B, H, W, 3 or 4] to the mean latents; alpha is ignored.

        Sides that are no multiple of `factor` are cropped, the middle kept. `tick` is called
        before every call of the network. Raises ShapeError for a picture smaller than one cell.
        """
        return self._within_memory(
            self._encode, self._picture(pixels), Fraction(1, self.factor), tick
        )

    def decode(self, samples: Tensor, tick: Callable[[], None] = _nothing) -> Tensor:
        """Latents [B, C, h, w] to pixels [B, h factor, w factor, 3], clipped to 0..1.

        Where memory is short it goes in tiles, as it does in `encode`.
        """
        scale = Fraction(self.factor)
        return self._pixels(self._within_memory(self._decode, self._checked(samples), scale, tick))

    def unscaled(self, samples: Tensor) -> Tensor:
        """Latents as the autoencoder itself gives them: z / scale + shift."""
        config = self.model.config
        plain: Tensor = samples / config.scaling_factor + (config.shift_factor or 0.0)
        return plain

    def encode_tiled(
        self, pixels: Tensor, tile: int, overlap: int, tick: Callable[[], None] = _nothing
    ) -> Tensor:
        """`encode` in tiles of about `tile` x `tile` pixels that share `overlap` pixels."""
        network = partial(self._tiles, self._encode, tile, overlap, Fraction(1, self.factor), tick)
        return self._each(network, self._picture(pixels), _nothing)

    def decode_tiled(
        self, samples: Tensor, tile: int, overlap: int, tick: Callable[[], None] = _nothing
    ) -> Tensor:
        """`decode` in tiles of about `tile` x `tile` pixels that share `overlap` pixels."""
        cells, shared = max(tile // self.factor, 2), overlap // self.factor
        network = partial(self._tiles, self._decode, cells, shared, Fraction(self.factor), tick)
        return self._pixels(self._each(network, self._checked(samples), _nothing))

    def _within_memory(
        self,
        network: Callable[[Tensor], Tensor],
        batch: Tensor,
        scale: Fraction,
        tick: Callable[[], None],
    ) -> Tensor:
        """Whole if memory allows, else in the largest tiles that it allows, or smaller ones."""
        cell = int(scale) if scale > 1 else 1  # pixels per row of what the network is given
        height, width = (side * cell for side in batch.shape[-2:])
        self.network.ready()
        self.network.memory.make_room(height * width * self._bytes_per_pixel, but=self.network)

        def compute(tile: int | None) -> Tensor:
            if tile is None:
                return self._each(network, batch, tick)
            side = tile // cell
            tiles = partial(self._tiles, network, side, side // 8, scale, tick)
            return self._each(tiles, batch, _nothing)

        memory = self.network.memory
        sizes = tile_sizes(height, width, self._bytes_per_pixel, memory)
        return memory.fit(sizes, compute, but=self.network)

    @property
    def _bytes_per_pixel(self) -> int:
        """What a pixel takes while all is computed: about four maps of its widest layers."""
        widest = 2 * int(self.model.config.block_out_channels[0])
        return 4 * widest * self.dtype.itemsize

    def _tiles(
        self,
        network: Callable[[Tensor], Tensor],
        tile: int,
        overlap: int,
        scale: Fraction,
        tick: Callable[[], None],
        x: Tensor,
    ) -> Tensor:
        """The mean over square, wide and tall tiles, so that no seam is where another one is."""
        unit = self.factor if scale < 1 else 1
        half = max(tile // 2 // unit, 1) * unit
        overlap = min(overlap, tile // 4, half // 2) // unit * unit
        shapes = ((tile, tile), (half, 2 * tile), (2 * tile, half))
        runs = [
            tiled(network, x, tile=shape, overlap=overlap, scale=scale, tick=tick)
            for shape in shapes
        ]
        return torch.stack(runs).mean(0)

    @torch.no_grad()
    def _each(
        self, network: Callable[[Tensor], Tensor], batch: Tensor, tick: Callable[[], None]
    ) -> Tensor:
        results = []
        for index in range(len(batch)):
            tick()
            results.append(network(batch[index : index + 1].to(self.device)).cpu())
        result = torch.cat(results)
        if not bool(result.isfinite().all()):
            raise NotFiniteError(f"the VAE gave NaN or infinity in {self.dtype}; try dtype float32")
        return result

    def _encode(self, pixels: Tensor) -> Tensor:
        config = self.model.config
        encoded = self.network.ready().encode((pixels * 2 - 1).to(self.dtype))
        mean = encoded.latent_dist.mean.float()
        scaled: Tensor = (mean - (config.shift_factor or 0.0)) * config.scaling_factor
        return scaled

    def _decode(self, samples: Tensor) -> Tensor:
        decoded: Tensor = self.network.ready().decode(self.unscaled(samples).to(self.dtype)).sample
        return decoded.float()

    def _picture(self, pixels: Tensor) -> Tensor:
        """Pixels [B, H, W, C] as [B, 3, H', W'], H' and W' multiples of `factor`."""
        sides = []
        for side in pixels.shape[1:3]:
            kept = side - side % self.factor
            if not kept:
                raise ShapeError(
                    f"this VAE needs pictures of {self.factor} x {self.factor} pixels or more, "
                    f"got {pixels.shape[2]} x {pixels.shape[1]}"
                )
            sides.append(slice((side - kept) // 2, (side - kept) // 2 + kept))
        return pixels[:, sides[0], sides[1], :3].movedim(-1, 1)

    def _checked(self, samples: Tensor) -> Tensor:
        if samples.shape[1] != self.latent_channels:
            raise ShapeError(
                f"the latent has {samples.shape[1]} channels and this VAE decodes "
                f"{self.latent_channels}: use the VAE that belongs to the model"
            )
        return samples

    @staticmethod
    def _pixels(decoded: Tensor) -> Tensor:
        return (decoded / 2 + 0.5).clamp(0, 1).movedim(1, -1).contiguous()
