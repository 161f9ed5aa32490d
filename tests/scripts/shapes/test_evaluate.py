"""Scoring pictures against what was asked for."""

import numpy as np

from shapes.draw import draw
from shapes.evaluate import (
    TARGETS,
    confusion,
    score,
    spoken_prompts,
    table,
    unseen_prompts,
)
from shapes.scenes import Scene, every_scene, held_out, names_of


def test_perfect_pictures_score_fully() -> None:
    scenes = every_scene()[::700]
    result = score([names_of(row) for row in scenes], draw(scenes))
    assert result.right == result.pictures == len(scenes)
    assert result.missed() == []


def test_a_wrong_picture_is_counted_where_it_is_wrong() -> None:
    asked = Scene("circle", "red", "blue", "center", "large")
    result = score([asked], draw(np.array([[1, 0, 2, 4, 2]])))
    assert result.right == 0
    assert result.missed() == ["shape"]
    assert result.pairs["shape"] == {("circle", "square"): 1}
    assert confusion(result, "shape").splitlines()[1].split()[:3] == ["circle", ".", "1"]


def test_an_attribute_left_free_is_not_counted() -> None:
    asked = Scene("square", None, None, None, None)
    result = score([asked], draw(np.array([[1, 0, 2, 4, 2]])))
    assert result.right == 1
    assert result.pairs["colour"].total() == 0


def test_prompts_are_unseen_distinct_and_repeatable() -> None:
    asked = unseen_prompts(500)
    assert asked == unseen_prompts(500)
    assert len({prompt for _, prompt in asked}) == 500
    unseen = {names_of(row) for row in every_scene() if held_out(row[None])[0]}
    assert {scene for scene, _ in asked} <= unseen


def test_the_table_names_every_target() -> None:
    scenes = every_scene()[:1]
    text = table({"all": score([names_of(row) for row in scenes], draw(scenes))})
    assert all(f"| {name} | {target:.0%} | 100.0% |" in text for name, target in TARGETS.items())


def test_spoken_prompts_say_the_shape_and_leave_something_out() -> None:
    scenes = [scene for scene, _ in spoken_prompts(200)]
    assert all(scene.shape for scene in scenes)
    assert sum(None in scene for scene in scenes) > 120
