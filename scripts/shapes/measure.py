"""What a picture shows, by plain arithmetic on its pixels."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shapes.draw import SIDE, ByteArray, FloatArray, coverage
from shapes.scenes import COLOURS, PALETTE_RGB, PLACES, SHAPES, SIZES

MIN_PIXELS = 12
SIZE_LIMITS = (9.7, 13.9)
PLACE_LIMIT = 6.5


class Measured(NamedTuple):
    """The attributes of a picture; `shape`, `colour`, `place`, `size` are None when it is blank.

    Attributes:
        overlap: Intersection over union with the best matching drawn shape, 0..1.
        purity: Share of the shape's pixels that are nearest to its colour, 0..1.
        flatness: Share of the other pixels that are nearest to the background's colour, 0..1.
        centre: x and y of the middle of the fitted shape's box, in pixels of a 64x64 picture.
        radius: Half extent of the fitted shape, in the same pixels.
    """

    shape: str | None
    colour: str | None
    background: str
    place: str | None
    size: str | None
    overlap: float = 0.0
    purity: float = 0.0
    flatness: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)
    radius: float = 0.0


def nearest_colours(pixels: NDArray[np.generic]) -> NDArray[np.int64]:
    """Index of the nearest palette colour for (..., 3) pixels in 0..255."""
    apart = pixels[..., None, :].astype(np.float32) - PALETTE_RGB
    return np.asarray(np.square(apart).sum(axis=-1).argmin(axis=-1))


def _border(image: ByteArray) -> ByteArray:
    edges = (image[:2], image[-2:], image[:, :2], image[:, -2:])
    return np.concatenate([edge.reshape(-1, 3) for edge in edges])


def _mode(indices: NDArray[np.int64]) -> int:
    return int(np.bincount(indices, minlength=len(COLOURS)).argmax())


def _alpha(image: ByteArray, background: int, paper: FloatArray) -> FloatArray | None:
    """How much of each pixel (h, w) is the shape, 0..1; None where nothing stands out."""
    offset = image.astype(np.float32) - paper
    solid = (np.linalg.norm(offset, axis=-1) > 60) & (nearest_colours(image) != background)
    if solid.sum() < MIN_PIXELS:
        return None
    ink = _mode(nearest_colours(image[solid]))
    line = PALETTE_RGB[ink] - paper
    alpha = np.clip(offset @ line / (line @ line), 0, 1)
    return np.where(alpha < 0.15, 0, alpha).astype(np.float32)


@lru_cache
def _unit(shape: int) -> tuple[float, float, float]:
    """Area of a shape of radius 1, and its centroid below the centre of its box."""
    drawn = coverage(
        np.array([shape]),
        np.array([[128.0, 128.0]], np.float32),
        np.array([100.0], np.float32),
        256,
    )[0]
    rows = np.arange(256) + 0.5
    area = float(drawn.sum())
    return area / 1e4, 0.0, float((drawn.sum(axis=1) @ rows / area - 128) / 100)


def _best_shape(alpha: FloatArray) -> tuple[int, float, tuple[float, float], float]:
    """The drawn shape of the same area and centroid that overlaps most."""
    rows = np.arange(SIDE) + 0.5
    area = float(alpha.sum())
    x, y = float(alpha.sum(axis=0) @ rows / area), float(alpha.sum(axis=1) @ rows / area)
    units = np.array([_unit(shape) for shape in range(len(SHAPES))], np.float32)
    radii = np.sqrt(area / units[:, 0])
    centres = np.stack([x - units[:, 1] * radii, y - units[:, 2] * radii], axis=1)
    drawn = coverage(np.arange(len(SHAPES)), centres, radii)
    overlaps = np.minimum(drawn, alpha).sum(axis=(1, 2)) / np.maximum(drawn, alpha).sum(axis=(1, 2))
    best = int(overlaps.argmax())
    centre = (float(centres[best, 0]), float(centres[best, 1]))
    return best, float(overlaps[best]), centre, float(radii[best])


def to_side(image: ByteArray) -> ByteArray:
    """Bring (h, w, 3) to 64x64 by nearest sampling of the middle square."""
    h, w = image.shape[:2]
    edge = min(h, w)
    picks = (np.arange(SIDE) * edge + edge // 2) // SIDE
    return np.asarray(image[picks + (h - edge) // 2][:, picks + (w - edge) // 2])


def measure(image: ByteArray) -> Measured:
    """Measure a (height, width, 3) uint8 picture of one shape on a plain background."""
    image = to_side(image[..., :3])
    border = _border(image)
    background = _mode(nearest_colours(border))
    paper = np.median(border[nearest_colours(border) == background], axis=0).astype(np.float32)
    name = COLOURS[background]
    alpha = _alpha(image, background, paper)
    if alpha is None:
        return Measured(None, None, name, None, None)
    shape, overlap, centre, radius = _best_shape(alpha)
    mask = alpha > min(0.5, float(alpha.max()) / 2)
    inside = nearest_colours(image[mask])
    ink = _mode(inside)
    cells = [int(c > SIDE / 2 - PLACE_LIMIT) + int(c > SIDE / 2 + PLACE_LIMIT) for c in centre]
    size = sum(radius > limit for limit in SIZE_LIMITS)
    return Measured(
        SHAPES[shape],
        COLOURS[ink],
        name,
        PLACES[3 * cells[1] + cells[0]],
        SIZES[size],
        overlap,
        float((inside == ink).mean()),
        float((nearest_colours(image[~mask]) == background).mean()),
        centre,
        radius,
    )
