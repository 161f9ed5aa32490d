"""A contact sheet: pictures in a grid, each above its prompt."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from shapes.draw import SIDE, ByteArray

CELL_WIDTH = 168
PICTURE = 2 * SIDE
TEXT_LINES = 4
LINE = 12

SHEET_PROMPTS = (
    "a large red circle on a blue background",
    "a small green triangle at the top on a white background",
    "blue star, bottom left, black background",
    "a medium yellow ring in the center, purple background",
    "a red square",
    "",
    "a tiny white cross in the upper right corner on a green background",
    "big orange star on purple",
    "a black ring on the left, yellow background",
    "white background, a small red triangle at the bottom",
    "a picture of a huge blue square in the middle of an orange background",
    "purple disc, top right, white background, medium",
    "a green cross",
    "there is a small yellow star on the right on a black background",
    "a yellow background",
    "small blue circle",
    "a large white triangle at the bottom right on a red background",
    "in the top left corner, a medium black square on a green background",
    "a red star against a white background",
    "orange triangle, large, left, blue background",
    "a big purple cross in the center on a yellow background",
    "tiny black circle, bottom, orange background",
    "a green ring at the top left on a black background",
    "A LARGE YELLOW SQUARE ON A RED BACKGROUND",
    "a medium white star in the middle, blue background, masterpiece",
    "one little purple square near the top",
    "the red ring on a black background",
    "a blue plus sign on white",
    "a small orange circle at the bottom right on a purple background",
    "medium green circle, right, red background",
    "a white shape on a black background",
    "a donut",
)


def contact_sheet(pictures: ByteArray, prompts: Sequence[str], columns: int = 8) -> Image.Image:
    """Lay out (n, 64, 64, 3) pictures at twice their size."""
    rows = -(-len(prompts) // columns)
    cell_height = PICTURE + TEXT_LINES * LINE + 12
    sheet = Image.new("RGB", (columns * CELL_WIDTH, rows * cell_height), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=10)
    for i, (picture, prompt) in enumerate(zip(pictures, prompts, strict=True)):
        x, y = i % columns * CELL_WIDTH, i // columns * cell_height
        enlarged = Image.fromarray(np.asarray(picture).repeat(2, axis=0).repeat(2, axis=1))
        left, top = x + (CELL_WIDTH - PICTURE) // 2, y + 6
        sheet.paste(enlarged, (left, top))
        frame = (left - 1, top - 1, left + PICTURE, top + PICTURE)
        pen.rectangle(frame, outline="#888")
        lines = textwrap.wrap(prompt or "(empty prompt)", 26)[:TEXT_LINES]
        for line, text in enumerate(lines):
            at = (x + CELL_WIDTH / 2, y + PICTURE + 10 + line * LINE)
            pen.text(at, text, fill="black", font=font, anchor="ma")
    return sheet
