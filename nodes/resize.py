"""Resizing and cropping of tensors [B, C, H, W]."""

from typing import Literal

import numpy as np
import PIL.Image
import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = [
    "Crop",
    "ImageMethod",
    "LatentMethod",
    "center_crop",
    "resize",
    "scaled_size",
    "target_size",
]

ImageMethod = Literal["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
LatentMethod = Literal["nearest-exact", "bilinear", "area", "bicubic", "bislerp"]
Crop = Literal["disabled", "center"]


def resize(
    values: Tensor, height: int, width: int, method: ImageMethod | LatentMethod, crop: Crop
) -> Tensor:
    """`values` [B, C, H, W] as [B, C, height, width].

    With `crop="center"` the largest centred part of the wanted aspect ratio is taken first;
    otherwise the content is stretched. `bicubic` and `lanczos` may overshoot the range of
    the values. No method but `area` and `lanczos` averages what it leaves out when shrinking.
    """
    if crop == "center":
        values = center_crop(values, height, width)
    if values.shape[-2:] == (height, width):
        return values
    if method == "lanczos":
        return _lanczos(values, height, width)
    if method == "bislerp":
        return _slerp_along(_slerp_along(values, width, -1), height, -2)
    return F.interpolate(values, size=(height, width), mode=method)


def center_crop(values: Tensor, height: int, width: int) -> Tensor:
    """The largest centred part of `values` [..., H, W] with the aspect ratio of width : height."""
    h, w = values.shape[-2:]
    x = y = 0
    if w * height > h * width:
        x = min(round((w - h * width / height) / 2), (w - 1) // 2)
    elif w * height < h * width:
        y = min(round((h - w * height / width) / 2), (h - 1) // 2)
    return values[..., y : h - y, x : w - x]


def target_size(size: tuple[int, int], height: int, width: int) -> tuple[int, int]:
    """Height and width asked for, where 0 follows from the aspect ratio of `size`.

    Both 0 mean `size` itself.
    """
    h, w = size
    if height == 0 and width == 0:
        return h, w
    if height == 0:
        return max(1, round(h * width / w)), width
    if width == 0:
        return height, max(1, round(w * height / h))
    return height, width


def scaled_size(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """Height and width times `factor`, rounded, at least 1."""
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _lanczos(values: Tensor, height: int, width: int) -> Tensor:
    planes = values.reshape(-1, *values.shape[-2:]).numpy()
    resized = [
        np.asarray(PIL.Image.fromarray(plane).resize((width, height), PIL.Image.Resampling.LANCZOS))
        for plane in planes
    ]
    return torch.from_numpy(np.stack(resized)).reshape(*values.shape[:2], height, width)


def _slerp_along(values: Tensor, length: int, dim: int) -> Tensor:
    """Resize one dimension, turning the channel vectors into each other on great circles.

    Linear interpolation of latents shortens vectors that point apart, which decodes to
    grey; here the length is interpolated by itself.
    """
    old = values.shape[dim]
    position = ((torch.arange(length) + 0.5) * (old / length) - 0.5).clamp(0, old - 1)
    lower = position.long()
    upper = (lower + 1).clamp(max=old - 1)
    shape = [1] * values.ndim
    shape[dim] = length
    ratio = (position - lower).reshape(shape)
    return _slerp(values.index_select(dim, lower), values.index_select(dim, upper), ratio)


def _slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Spherical interpolation of channel vectors (dim 1); linear where they (nearly) align.

    Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985.
    """
    norm_a, norm_b = a.norm(dim=1, keepdim=True), b.norm(dim=1, keepdim=True)
    unit_a, unit_b = F.normalize(a, dim=1), F.normalize(b, dim=1)
    dot = (unit_a * unit_b).sum(dim=1, keepdim=True).clamp(-1, 1)
    omega = torch.acos(dot)
    turned = torch.sin((1 - t) * omega) * unit_a + torch.sin(t * omega) * unit_b
    curved = turned / torch.sin(omega) * torch.lerp(norm_a, norm_b, t)
    return torch.where(dot.abs() > 1 - 1e-5, torch.lerp(a, b, t.expand_as(a)), curved)
