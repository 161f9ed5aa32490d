"""The input pictures of the examples: scenes as the built-in model knows them."""

import numpy as np
import pytest
from PIL import Image

from nodegraph import Workflow
from shapes.scenes import Scene
from tests.workflows.examples import FILES, FOLDER, Pixels, pixels, shown

ASSETS = FOLDER / "assets"


def read(name: str) -> Pixels:
    with Image.open(ASSETS / name) as picture:
        return pixels(picture)


@pytest.mark.parametrize(
    ("name", "scene"),
    [
        ("img2img.png", Scene("square", "orange", "blue", "bottom left", "medium")),
        ("inpaint.png", Scene("circle", "red", "blue", "center", "large")),
    ],
)
def test_the_picture_is_the_scene(name: str, scene: Scene) -> None:
    picture = read(name)

    assert picture.shape == (64, 64, 3)
    assert shown(picture) == scene


def test_outpainting_begins_with_half_a_star() -> None:
    half = read("outpaint.png")
    whole = np.concatenate([half, half[:, ::-1]], axis=1)

    assert half.shape == (64, 32, 3)
    assert shown(whole) == Scene("star", "yellow", "purple", "center", "large")


def test_the_mask_covers_whole_cells_of_the_latent_and_all_of_the_shape() -> None:
    mask, picture = read("inpaint-mask.png")[..., 0], read("inpaint.png")
    covered = mask == 255
    shape = (picture != picture[0, 0]).any(axis=-1)

    assert set(np.unique(mask)) == {0, 255}
    assert np.array_equal(covered, covered[::4, ::4].repeat(4, axis=0).repeat(4, axis=1))
    assert covered[shape].all()


def test_every_picture_is_used() -> None:
    used = {
        entry.inputs["image"]
        for file in FILES
        for entry in Workflow.load(file).nodes.values()
        if entry.type == "LoadImage"
    }

    assert used == {f"assets/{path.name}" for path in ASSETS.iterdir()}
