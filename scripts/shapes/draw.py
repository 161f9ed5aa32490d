"""Pictures of scenes, drawn in batches from signed distances with antialiased edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shapes.scenes import PALETTE_RGB, SHAPES, IntArray

FloatArray = NDArray[np.floating[Any]]
ByteArray = NDArray[np.uint8]
Distance = Callable[[FloatArray, FloatArray], FloatArray]

SIDE = 64
STEP = 13.0  # from the middle of the picture to the outer places, in pixels
RADII = np.array([8.0, 11.75, 16.5], np.float32)
PLACE_JITTER = 1.5
SIZE_JITTER = 0.06
COLOUR_JITTER = 8.0


def _circle(x: FloatArray, y: FloatArray) -> FloatArray:
    return np.hypot(x, y) - 1


def _ring(x: FloatArray, y: FloatArray) -> FloatArray:
    return np.abs(np.hypot(x, y) - 0.79) - 0.21


def _square(x: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(np.abs(x), np.abs(y)) - 0.9)


def _triangle(x: FloatArray, y: FloatArray) -> FloatArray:
    low = y - 0.866
    slope = 0.866 * np.abs(x) - 0.5 * y - 0.433
    return np.asarray(np.maximum(low, slope))


def _cross(x: FloatArray, y: FloatArray) -> FloatArray:
    far, near = np.maximum(np.abs(x), np.abs(y)), np.minimum(np.abs(x), np.abs(y))
    return np.asarray(np.maximum(far - 1, near - 0.3))


def _star(x: FloatArray, y: FloatArray) -> FloatArray:
    # Folding the plane into one tenth leaves a single straight edge from a tip to a notch.
    y = y + 0.05
    angle = np.arctan2(x, -y)
    sector = 2 * np.pi / 5
    angle = np.abs((angle + sector / 2) % sector - sector / 2)
    r = np.hypot(x, y)
    px, py = r * np.sin(angle), r * np.cos(angle)
    tip, notch = 1.05, 0.46
    nx, ny = notch * np.sin(np.pi / 5), notch * np.cos(np.pi / 5)
    length = np.hypot(nx, tip - ny)
    return np.asarray((px * (tip - ny) + (py - tip) * nx) / length)


DISTANCES: dict[str, Distance] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "ring": _ring,
    "cross": _cross,
    "star": _star,
}


def coverage(
    shapes: IntArray, centres: FloatArray, radii: FloatArray, side: int = SIDE
) -> FloatArray:
    """How much of each pixel each shape covers.

    Args:
        shapes: (n,) indices into `SHAPES`.
        centres: (n, 2) as x, y in pixels.
        radii: (n,) half extents in pixels.

    Returns:
        (n, side, side) in 0..1.
    """
    axis = np.arange(side, dtype=np.float32) + 0.5
    alpha = np.zeros((len(shapes), side, side), np.float32)
    for index, name in enumerate(SHAPES):
        rows = np.flatnonzero(shapes == index)
        if not len(rows):
            continue
        r = radii[rows, None, None]
        x = (axis[None, None, :] - centres[rows, 0, None, None]) / r
        y = (axis[None, :, None] - centres[rows, 1, None, None]) / r
        x, y = np.broadcast_arrays(x, y)
        alpha[rows] = np.clip(0.5 - DISTANCES[name](x, y) * r, 0, 1)
    return alpha


def place_centres(places: IntArray) -> FloatArray:
    """(n, 2) centres, as x, y in pixels, of (n,) indices into `PLACES`."""
    cells = np.stack([places % 3, places // 3], axis=1) - 1
    return (SIDE / 2 + STEP * cells).astype(np.float32)


def draw(scenes: IntArray, rng: np.random.Generator | None = None) -> ByteArray:
    """Pictures of (n, 5) scenes as (n, 64, 64, 3) uint8, jittered when given an `rng`."""
    n = len(scenes)
    centres, radii = place_centres(scenes[:, 3]), RADII[scenes[:, 4]]
    ink, paper = PALETTE_RGB[scenes[:, 1]], PALETTE_RGB[scenes[:, 2]]
    if rng is not None:
        centres = centres + rng.uniform(-PLACE_JITTER, PLACE_JITTER, (n, 2)).astype(np.float32)
        radii = radii * rng.uniform(1 - SIZE_JITTER, 1 + SIZE_JITTER, n).astype(np.float32)
        ink = ink + rng.uniform(-COLOUR_JITTER, COLOUR_JITTER, (n, 3)).astype(np.float32)
        paper = paper + rng.uniform(-COLOUR_JITTER, COLOUR_JITTER, (n, 3)).astype(np.float32)
    alpha = coverage(scenes[:, 0], centres, radii)[..., None]
    picture = paper[:, None, None] * (1 - alpha) + ink[:, None, None] * alpha
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def draw_clutter(n: int, rng: np.random.Generator) -> ByteArray:
    """(n, 64, 64, 3) pictures of anything: gradients, several shapes, any colours, texture.

    The autoencoder learns from these too, so that pictures from elsewhere survive it.
    """
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32)
    slope = rng.uniform(-1, 1, (n, 2, 3)).astype(np.float32) * rng.uniform(0, 128, (n, 1, 1))
    picture: FloatArray = rng.uniform(0, 255, (n, 1, 1, 3)).astype(np.float32)
    picture = picture + axis[None, None, :, None] * slope[:, 0, None, None, :]
    picture = (picture + axis[None, :, None, None] * slope[:, 1, None, None, :]).astype(np.float32)
    for _ in range(rng.integers(1, 6)):
        shapes = rng.integers(0, len(SHAPES), n)
        centres = rng.uniform(4, SIDE - 4, (n, 2)).astype(np.float32)
        radii = rng.uniform(3, 26, n).astype(np.float32)
        alpha = coverage(shapes, centres, radii)[..., None]
        ink = rng.uniform(0, 255, (n, 1, 1, 3)).astype(np.float32)
        picture = picture * (1 - alpha) + ink * alpha
    coarse = rng.normal(0, 1, (n, SIDE // 4, SIDE // 4, 3)).astype(np.float32)
    texture = coarse.repeat(4, axis=1).repeat(4, axis=2)
    picture = picture + texture * rng.choice([0, 0, 0, 0, 0, 0, 8, 24], (n, 1, 1, 1)).astype(
        np.float32
    )
    return np.clip(picture, 0, 255).astype(np.uint8)
