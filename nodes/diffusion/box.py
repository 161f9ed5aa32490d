"""Rectangles of latent cells."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

__all__ = ["Box"]


@dataclass(frozen=True)
class Box:
    """A rectangle of latent cells."""

    top: int
    left: int
    height: int
    width: int

    @property
    def cells(self) -> int:
        return self.height * self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def right(self) -> int:
        return self.left + self.width

    def holds(self, other: Box) -> bool:
        """Whether `other` lies within."""
        return (
            self.top <= other.top
            and self.left <= other.left
            and self.bottom >= other.bottom
            and self.right >= other.right
        )

    def cut(self, tensor: Tensor, factor: int = 1) -> Tensor:
        """The part of [..., h, w] within (a view), of `factor` x `factor` pixels per cell."""
        top, bottom = self.top * factor, self.bottom * factor
        return tensor[..., top:bottom, self.left * factor : self.right * factor]
