"""A colour for every wire type: the same on every machine, told apart as well as can be.

Colours differ in hue alone: in OKLCH (https://bottosson.github.io/posts/oklab/), equal lightness
looks equally light, so that all of them stand out alike from a light or a dark ground.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, pi, sin

from blake3 import blake3

__all__ = ["colours", "hexadecimal"]

SLOTS = 18
LIGHT_GROUND, DARK_GROUND, CHROMA = 0.50, 0.78, 0.13
GREY = ("object",)


def colours(types: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Type -> colour on a light and on a dark ground.

    The hue comes from the name; where two names ask for the same, the next free one is taken,
    as long as there are free ones.
    """
    taken: set[int] = set()
    found = {}
    for name in sorted(types):
        slot = blake3(name.encode()).digest()[0] % SLOTS
        while slot in taken and len(taken) < SLOTS:
            slot = (slot + 7) % SLOTS
        taken.add(slot)
        chroma = 0.0 if name in GREY else CHROMA
        hue = slot / SLOTS
        light, dark = (hexadecimal(at, chroma, hue) for at in (LIGHT_GROUND, DARK_GROUND))
        found[name] = (light, dark)
    return found


def hexadecimal(lightness: float, chroma: float, hue: float) -> str:
    """A colour of OKLCH (`hue` from 0 to 1) as `#rrggbb`, cut to what a screen shows."""
    a, b = chroma * cos(2 * pi * hue), chroma * sin(2 * pi * hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(part)):02x}" for part in linear)


def _gamma(linear: float) -> float:
    part = min(1.0, max(0.0, linear))
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
