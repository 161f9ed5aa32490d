"""Draws the small pictures of the templates: runs each example, and keeps what it made as WebP.

As a command: `python scripts/draw_templates.py`, again after an example was changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from nodegraph import Session

FOLDER = Path(__file__).resolve().parents[1] / "workflows"
SIZE = 192
"""Pixels; the width of the picture, and its height."""


def side_by_side(pictures: Sequence[Image.Image]) -> Image.Image:
    """The first four of several pictures in one, or the only one: of an animation its end."""
    if len(pictures) == 1:
        found = pictures[0]
        found.seek(getattr(found, "n_frames", 1) - 1)
        return found
    width, height = pictures[0].size
    sheet = Image.new("RGB", (2 * width, 2 * height))
    for place, picture in enumerate(pictures[:4]):
        sheet.paste(picture, (place % 2 * width, place // 2 * height))
    return sheet


def small(picture: Image.Image) -> Image.Image:
    """A picture in a square, whole, on its own mean colour."""
    found = picture.convert("RGB")
    scale = SIZE / max(found.size)
    found = found.resize((round(found.width * scale), round(found.height * scale)), 3)
    ground = found.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    square = Image.new("RGB", (SIZE, SIZE), ground)
    square.paste(found, ((SIZE - found.width) // 2, (SIZE - found.height) // 2))
    return square


def main() -> None:
    target = FOLDER / "thumbnails"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as where:
        session = Session.open(Path(where, "data"))
        for file in sorted(FOLDER.glob("*.json")):
            result = session.run(file, output_dir=Path(where, "outputs")).raise_for_errors()
            path = target / f"{file.stem}.webp"
            small(side_by_side(result.images)).save(path, quality=80, method=6)
            print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
