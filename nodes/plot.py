"""A line drawn in a frame with numbered axes: noise levels, shares of signal."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

__all__ = ["draw_line"]

PAPER, FRAME, GRID, INK, LINE = "#ffffff", "#9aa3ad", "#e6e9ed", "#30363d", "#1f6feb"
MARKS_UP_TO = 60
"""More points than this are drawn as a line without dots."""


def draw_line(
    points: Sequence[tuple[float, float]],
    *,
    size: tuple[int, int],
    title: str,
    below: str,
    log: bool = False,
) -> Image.Image:
    """A line through `points` (x, y), at least one, with `below` under the axis of x.

    Drawn twice as large and scaled down to `size` (width, height in pixels, at least 128). With
    `log` heights are logarithms, and points at 0 or below lie on the lower edge.
    """
    width, height = size[0] * 2, size[1] * 2
    picture = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(24)
    left, top, right, bottom = 140, 60, width - 30, height - 90
    heights = _heights([y for _, y in points], log)
    xs = _span([x for x, _ in points])
    ys = _span([y for y in heights if y > -math.inf] or [0.0])
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = bottom - share * (bottom - top)
        value = ys[0] + share * (ys[1] - ys[0])
        pen.line([(left, y), (right, y)], fill=GRID, width=2)
        text = f"{10**value if log else value:.3g}"
        pen.text((left - 12, y), text, fill=INK, font=font, anchor="rm")
        x, number = left + share * (right - left), xs[0] + share * (xs[1] - xs[0])
        pen.text((x, bottom + 12), f"{number:.3g}", fill=INK, font=font, anchor="mt")
    pen.rectangle([left, top, right, bottom], outline=FRAME, width=2)
    placed = [
        (
            left + (x - xs[0]) / (xs[1] - xs[0]) * (right - left),
            bottom - (max(y, ys[0]) - ys[0]) / (ys[1] - ys[0]) * (bottom - top),
        )
        for (x, _), y in zip(points, heights, strict=True)
    ]
    pen.line(placed, fill=LINE, width=5, joint="curve")
    if len(placed) <= MARKS_UP_TO:
        for x, y in placed:
            pen.ellipse([x - 7, y - 7, x + 7, y + 7], fill=LINE)
    pen.text((left, 16), title, fill=INK, font=font)
    pen.text(((left + right) / 2, height - 40), below, fill=INK, font=font, anchor="mt")
    return picture.resize(size, Image.Resampling.LANCZOS)


def _heights(values: Sequence[float], log: bool) -> list[float]:
    if not log:
        return list(values)
    return [math.log10(value) if value > 0 else -math.inf for value in values]


def _span(values: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest, apart even where there is one value."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
