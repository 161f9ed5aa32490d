"""The input pictures of the examples: drawn by the code that drew the model's training."""

import numpy as np
import pytest
from PIL import Image

from nodegraph import Workflow
from shapes.scenes import Scene
from tests.workflows.examples import FILES, FOLDER, Pixels, drawn, pixels, shown

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

    assert np.array_equal(picture, drawn(scene))
    assert shown(picture) == scene


def test_outpainting_begins_with_half_a_circle() -> None:
    whole = drawn(Scene("circle", "red", "white", "center", "large"))

    assert np.array_equal(read("outpaint.png"), whole[:, :32])


def test_the_mask_covers_whole_cells_of_the_latent_and_all_of_the_shape() -> None:
    mask = read("inpaint-mask.png")[..., 0]
    covered = mask == 255
    shape = read("inpaint.png") != drawn(Scene("circle", "red", "blue", "center", "large"))[0, 0]

    assert set(np.unique(mask)) == {0, 255}
    assert np.array_equal(covered, covered[::4, ::4].repeat(4, axis=0).repeat(4, axis=1))
    assert covered[shape.any(axis=-1)].all()


def test_every_picture_is_used() -> None:
    used = {
        entry.inputs["image"]
        for file in FILES
        for entry in Workflow.load(file).nodes.values()
        if entry.type == "LoadImage"
    }

    assert used == {f"assets/{path.name}" for path in ASSETS.iterdir()}
