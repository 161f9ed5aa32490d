"""Prompts put together, and limited to places and times."""

from dataclasses import replace
from typing import Annotated, Literal

from nodegraph import Range, node
from nodes.diffusion import conditioning as ops
from nodes.types import Conditioning, Mask

__all__ = ["NODES"]

Pixels = Annotated[int, Range(0, 16384, 8)]
Strength = Annotated[float, Range(0.0, 10.0, 0.01)]
Fraction = Annotated[float, Range(0.0, 1.0, 0.001)]
Share = Annotated[float, Range(0.01, 1.0, 0.01)]
Start = Annotated[float, Range(0.0, 1.0, 0.01)]


@node(category="conditioning")
def conditioning_combine(
    conditioning_1: Conditioning, conditioning_2: Conditioning
) -> Conditioning:
    """Both prompts: what the model predicts for each is averaged at every step."""
    return ops.combine(conditioning_1, conditioning_2)


@node(category="conditioning")
def conditioning_average(
    conditioning_to: Conditioning,
    conditioning_from: Conditioning,
    conditioning_to_strength: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0,
) -> Conditioning:
    """One prompt between two.

    Args:
        conditioning_to_strength: how much of the first; the rest is of the second.

    Raises:
        ValueError: if they come from different text encoders.
    """
    return ops.average(conditioning_to, conditioning_from, conditioning_to_strength)


@node(category="conditioning")
def conditioning_concat(
    conditioning_to: Conditioning, conditioning_from: Conditioning
) -> Conditioning:
    """One prompt after the other, as if each were a part of a long one.

    Raises:
        ValueError: if they come from different text encoders.
    """
    return ops.concat(conditioning_to, conditioning_from)


@node(category="conditioning")
def conditioning_set_area(
    conditioning: Conditioning,
    width: Annotated[int, Range(8, 16384, 8)] = 64,
    height: Annotated[int, Range(8, 16384, 8)] = 64,
    x: Pixels = 0,
    y: Pixels = 0,
    strength: Strength = 1.0,
) -> Conditioning:
    """Limit a prompt to a rectangle of the picture; its edges are soft.

    Args:
        width: in pixels; what is beyond the picture is cut off.
        height: in pixels; what is beyond the picture is cut off.
        x: the left side, in pixels from the left.
        y: the upper side, in pixels from above.
        strength: the weight beside other prompts at the same place.
    """
    return ops.with_area(conditioning, ops.Area(y, x, height, width), strength)


@node(category="conditioning")
def conditioning_set_area_percentage(
    conditioning: Conditioning,
    width: Share = 1.0,
    height: Share = 1.0,
    x: Start = 0.0,
    y: Start = 0.0,
    strength: Strength = 1.0,
) -> Conditioning:
    """Limit a prompt to a rectangle, given in shares of the picture's sides; its edges are soft.

    Args:
        width: of the picture's width; what is beyond the picture is cut off.
        height: of the picture's height; what is beyond the picture is cut off.
        x: the left side, from the left.
        y: the upper side, from above.
        strength: the weight beside other prompts at the same place.
    """
    area = ops.Area(y, x, height, width, fraction=True)
    return ops.with_area(conditioning, area, strength)


@node(category="conditioning")
def conditioning_set_area_strength(
    conditioning: Conditioning, strength: Strength = 1.0
) -> Conditioning:
    """Give a prompt another weight beside other prompts at the same place."""
    return conditioning.map(lambda entry: replace(entry, strength=strength))


@node(category="conditioning")
def conditioning_set_mask(
    conditioning: Conditioning,
    mask: Mask,
    strength: Strength = 1.0,
    set_cond_area: Literal["default", "mask bounds"] = "default",
) -> Conditioning:
    """Limit a prompt to a mask, which is stretched over the picture.

    Args:
        mask: 1 where the prompt counts; one for all pictures or one for each.
        strength: the weight beside other prompts at the same place.
        set_cond_area: with "mask bounds" the model sees only the rectangle around the mask.
    """
    bounds = set_cond_area == "mask bounds"
    return ops.with_mask(conditioning, mask.values, strength, bounds=bounds)


@node(category="conditioning")
def conditioning_set_timestep_range(
    conditioning: Conditioning, start: Fraction = 0.0, end: Fraction = 1.0
) -> Conditioning:
    """Limit a prompt to a part of the way from noise to picture.

    Args:
        start: 0 is all noise.
        end: 1 is the finished picture.

    Raises:
        ValueError: if the end is before the start.
    """
    return ops.with_range(conditioning, start, end)


@node(category="conditioning")
def conditioning_zero_out(conditioning: Conditioning) -> Conditioning:
    """A prompt of zeros, which is not the same as an empty one."""
    return ops.zero_out(conditioning)


NODES = (
    conditioning_combine,
    conditioning_average,
    conditioning_concat,
    conditioning_set_area,
    conditioning_set_area_percentage,
    conditioning_set_area_strength,
    conditioning_set_mask,
    conditioning_set_timestep_range,
    conditioning_zero_out,
)
