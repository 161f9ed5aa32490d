"""The split between what training shows and what the evaluation asks for."""

import numpy as np

from shapes.scenes import COUNTS, every_scene, held_out, names_of, training_scenes, unseen_scenes


def test_the_split_is_disjoint_and_complete() -> None:
    seen = {tuple(row) for row in training_scenes().tolist()}
    unseen = {tuple(row) for row in unseen_scenes().tolist()}
    assert not seen & unseen
    assert len(seen) + len(unseen) == len(every_scene())


def test_about_a_tenth_is_held_out() -> None:
    assert 0.08 < held_out(every_scene()).mean() < 0.12


def test_every_value_of_every_attribute_is_on_both_sides() -> None:
    for scenes in (training_scenes(), unseen_scenes()):
        for column, count in enumerate(COUNTS):
            assert len(np.unique(scenes[:, column])) == count


def test_a_shape_never_has_the_colour_of_its_background() -> None:
    scenes = every_scene()
    assert (scenes[:, 1] != scenes[:, 2]).all()


def test_a_negative_index_is_an_attribute_left_free() -> None:
    scene = names_of(np.array([1, -1, 2, 8, 0]))
    assert scene == ("square", None, "blue", "bottom right", "small")
