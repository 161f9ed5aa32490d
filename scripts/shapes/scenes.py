"""What a picture shows: five attributes, each an index into a tuple of names."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

SHAPES = ("circle", "square", "triangle", "ring", "cross", "star")
PLACES = (
    "top left",
    "top",
    "top right",
    "left",
    "center",
    "right",
    "bottom left",
    "bottom",
    "bottom right",
)
SIZES = ("small", "medium", "large")
PALETTE = {
    "red": (220, 35, 35),
    "green": (35, 160, 60),
    "blue": (35, 70, 225),
    "yellow": (245, 225, 45),
    "orange": (245, 130, 25),
    "purple": (135, 45, 170),
    "white": (245, 245, 245),
    "black": (18, 18, 18),
}
COLOURS = tuple(PALETTE)
PALETTE_RGB = np.array(list(PALETTE.values()), np.float32)

ATTRIBUTES = ("shape", "colour", "background", "place", "size")
NAMES = (SHAPES, COLOURS, COLOURS, PLACES, SIZES)
COUNTS = tuple(len(names) for names in NAMES)

HELD_OUT_SHARE = 0.1


class Scene(NamedTuple):
    """One picture's attributes by name; None where a prompt leaves the attribute free."""

    shape: str | None
    colour: str | None
    background: str | None
    place: str | None
    size: str | None


def names_of(row: IntArray) -> Scene:
    """The names for one row of five indices; a negative index is an attribute left free."""
    return Scene(
        *(names[i] if i >= 0 else None for names, i in zip(NAMES, row.tolist(), strict=True))
    )


def held_out(scenes: IntArray) -> NDArray[np.bool_]:
    """Which rows of (n, 5) indices belong to the tenth of combinations kept from training."""
    code = np.ravel_multi_index(tuple(scenes.T), COUNTS).astype(np.uint64)
    with np.errstate(over="ignore"):
        code = code + np.uint64(0x9E3779B97F4A7C15)
        code = (code ^ (code >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        code = (code ^ (code >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    kept: NDArray[np.bool_] = (code >> np.uint64(40)) < np.uint64(HELD_OUT_SHARE * 2**24)
    return kept


def every_scene() -> IntArray:
    """All (n, 5) combinations whose shape differs in colour from its background."""
    grid = np.indices(COUNTS).reshape(len(COUNTS), -1).T.astype(np.int64)
    differs = grid[:, 1] != grid[:, 2]
    return np.asarray(grid[differs])


def training_scenes() -> IntArray:
    """The combinations that training may show."""
    scenes = every_scene()
    return scenes[~held_out(scenes)]


def unseen_scenes() -> IntArray:
    """The combinations that only the evaluation asks for."""
    scenes = every_scene()
    return scenes[held_out(scenes)]
