"""Measuring a drawn picture finds every attribute that it was drawn with."""

import numpy as np
import pytest

from shapes.draw import draw, draw_clutter
from shapes.measure import measure
from shapes.scenes import PALETTE_RGB, SHAPES, every_scene, names_of


def a_sample(count: int) -> np.ndarray:
    scenes = every_scene()
    return scenes[np.random.default_rng(0).permutation(len(scenes))[:count]]


@pytest.mark.parametrize("jitter", [None, 1])
def test_all_attributes_come_back(jitter: int | None) -> None:
    scenes = a_sample(400)
    rng = None if jitter is None else np.random.default_rng(jitter)
    for row, picture in zip(scenes, draw(scenes, rng), strict=True):
        assert measure(picture)[:5] == names_of(row)


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_every_shape_at_every_size_and_place(shape: int) -> None:
    scenes = np.array([[shape, 0, 6, place, size] for place in range(9) for size in range(3)])
    for row, picture in zip(scenes, draw(scenes), strict=True):
        assert measure(picture)[:5] == names_of(row)


def test_noise_does_not_matter() -> None:
    scenes = a_sample(100)
    noise = np.random.default_rng(2).normal(0, 6, (100, 64, 64, 3))
    noisy = np.clip(draw(scenes) + noise, 0, 255).astype(np.uint8)
    right = [measure(p)[:5] == names_of(r) for r, p in zip(scenes, noisy, strict=True)]
    assert np.mean(right) > 0.97


def test_a_larger_picture_measures_the_same() -> None:
    scenes = a_sample(20)
    for row, picture in zip(scenes, draw(scenes), strict=True):
        larger = picture.repeat(2, axis=0).repeat(2, axis=1)
        assert measure(larger)[:5] == names_of(row)


def test_a_blank_picture_has_only_a_background() -> None:
    blank = np.full((64, 64, 3), PALETTE_RGB[2], np.uint8)
    assert measure(blank)[:5] == (None, None, "blue", None, None)


def test_the_report_says_how_sure_it_is() -> None:
    measured = measure(draw(np.array([[0, 0, 2, 4, 2]]))[0])
    assert measured.overlap > 0.97
    assert measured.purity > 0.95
    assert measured.flatness > 0.98
    assert measured.centre == pytest.approx((32, 32), abs=0.2)
    assert measured.radius == pytest.approx(16.5, abs=0.3)


def test_clutter_is_pictures_too() -> None:
    pictures = draw_clutter(4, np.random.default_rng(0))
    assert pictures.shape == (4, 64, 64, 3)
    assert pictures.dtype == np.uint8
    for picture in pictures:
        measure(picture)
