import math

import pytest
import torch

from nodegraph.engine.keys import digest_value
from nodes.diffusion.ladder import (
    Sigmas,
    extended,
    flipped,
    split,
    split_denoise,
    with_first,
)


def ladder(*levels: float) -> Sigmas:
    return Sigmas(torch.tensor(levels, dtype=torch.float32))


def levels(sigmas: Sigmas) -> list[float]:
    return [round(level, 5) for level in sigmas.levels.tolist()]


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_levels_that_are_none(bad: float) -> None:
    with pytest.raises(ValueError, match=r"finite and at least 0, got"):
        ladder(3.0, bad)


def test_levels_of_another_shape_or_kind() -> None:
    for levels in (torch.ones(1, 2), torch.ones(2, dtype=torch.float64)):
        with pytest.raises(ValueError, match=r"must be float32 \[n \+ 1\]"):
            Sigmas(levels)


def test_it_is_known_by_its_content() -> None:
    assert digest_value(ladder(2, 1)) == digest_value(ladder(2, 1)) != digest_value(ladder(2, 0))


def test_the_parts_share_the_level_between_them() -> None:
    assert [levels(part) for part in split(ladder(3, 2, 1, 0), 1)] == [[3, 2], [2, 1, 0]]
    assert [levels(part) for part in split(ladder(3, 2, 1, 0), 9)] == [[3, 2, 1, 0], []]


@pytest.mark.parametrize(
    ("denoise", "low"),
    [(1.0, [4, 3, 2, 1, 0]), (0.5, [2, 1, 0]), (0.3, [1, 0]), (0.0, [0])],
)
def test_the_share_of_the_second_part(denoise: float, low: list[float]) -> None:
    first, second = split_denoise(ladder(4, 3, 2, 1, 0), denoise)
    assert levels(second) == low
    assert levels(first) == [level for level in (4, 3, 2, 1, 0) if level >= low[0]]


def test_turning() -> None:
    assert levels(flipped(ladder(3, 1, 0))) == [0.0001, 1, 3]
    assert levels(flipped(ladder(3, 1))) == [1, 3]
    assert levels(flipped(Sigmas(torch.zeros(0)))) == []


def test_another_first_level_leaves_the_original() -> None:
    original = ladder(3, 1, 0)
    assert levels(with_first(original, 9)) == [9, 1, 0]
    assert levels(original) == [3, 1, 0]
    assert levels(with_first(Sigmas(torch.zeros(0)), 9)) == []


def test_steps_from_some_levels_are_refined() -> None:
    assert levels(extended(ladder(16, 8, 4, 0), 2, 8, 8)) == [16, 8, 6, 4, 0]
    assert levels(extended(ladder(16, 8, 4, 0), 4, -1, 12)) == [16, 14, 12, 10, 8, 4, 0]
    assert levels(extended(ladder(16, 8), 1, -1, 0)) == [16, 8]


def test_spacings_bend_to_either_end() -> None:
    halves = [levels(extended(ladder(1, 0), 2, -1, 0, s))[1] for s in ("cosine", "linear", "sine")]
    assert halves == [round(1 - math.sqrt(0.5), 5), 0.5, round(math.sqrt(0.5), 5)]
    with pytest.raises(ValueError, match=r"spacing .*linear"):
        extended(ladder(1, 0), 2, -1, 0, "linea")
