"""The network that enlarges pictures in ESRGAN and Real-ESRGAN.

Wang et al. 2018, "ESRGAN" (arXiv 1809.00219), section 3.1; Wang et al. 2021, "Real-ESRGAN" (arXiv
2107.10833), section 3.4, which folds the pixels of the scales 1 and 2 into channels first.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pixel_unshuffle

__all__ = ["RRDBNet"]

RESIDUAL = 0.2
"""What is learned in a block is added in this share."""
SLOPE = 0.2


class _Dense(nn.Module):
    """Five convolutions, each of which sees the outputs of all before it."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        sizes = [width + number * growth for number in range(5)]
        for number, size in enumerate(sizes, 1):
            out = width if number == 5 else growth
            self.add_module(f"conv{number}", nn.Conv2d(size, out, 3, padding=1))
        self.rise = nn.LeakyReLU(SLOPE)

    def forward(self, x: Tensor) -> Tensor:
        seen = [x]
        *inner, last = (getattr(self, f"conv{number}") for number in range(1, 6))
        for conv in inner:
            seen.append(self.rise(conv(torch.cat(seen, 1))))
        answer: Tensor = last(torch.cat(seen, 1))
        return answer * RESIDUAL + x


class _Block(nn.Module):
    """A residual of three dense blocks."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (_Dense(width, growth) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.rdb3(self.rdb2(self.rdb1(x)))
        return answer * RESIDUAL + x


class RRDBNet(nn.Module):
    """Pictures [B, C, H, W] in 0..1 to [B, C', H scale, W scale], about 0..1.

    Attributes:
        scale: how much larger the picture gets.
        fold: pixels along a side that are folded into channels at first: sides must be multiples.
    """

    def __init__(
        self,
        *,
        inputs: int = 3,
        outputs: int = 3,
        width: int = 64,
        growth: int = 32,
        blocks: int = 23,
        doublings: int = 2,
        fold: int = 1,
    ) -> None:
        super().__init__()
        self.fold, self.doublings = fold, doublings
        self.scale = 2**doublings // fold
        self.conv_first = nn.Conv2d(inputs * fold**2, width, 3, padding=1)
        self.body = nn.Sequential(*(_Block(width, growth) for _ in range(blocks)))
        self.conv_body = nn.Conv2d(width, width, 3, padding=1)
        for number in range(1, doublings + 1):
            self.add_module(f"conv_up{number}", nn.Conv2d(width, width, 3, padding=1))
        self.conv_hr = nn.Conv2d(width, width, 3, padding=1)
        self.conv_last = nn.Conv2d(width, outputs, 3, padding=1)
        self.rise = nn.LeakyReLU(SLOPE)

    def forward(self, x: Tensor) -> Tensor:
        start = self.conv_first(pixel_unshuffle(x, self.fold) if self.fold > 1 else x)
        seen = start + self.conv_body(self.body(start))
        for number in range(1, self.doublings + 1):
            larger = interpolate(seen, scale_factor=2, mode="nearest")
            seen = self.rise(getattr(self, f"conv_up{number}")(larger))
        answer: Tensor = self.conv_last(self.rise(self.conv_hr(seen)))
        return answer
