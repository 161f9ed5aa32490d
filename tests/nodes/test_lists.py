import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import NodeError
from nodes.lists import float_range, int_range, string_lines

COUNT = st.integers(1, 50)


def test_lines_without_the_empty_ones() -> None:
    assert string_lines(" a red circle \n\n  \na blue star\r\n") == ["a red circle", "a blue star"]
    with pytest.raises(NodeError, match="write one text on each line"):
        string_lines("\n  \n")


@given(st.integers(-100, 100), COUNT, st.integers(-5, 5))
def test_whole_numbers_in_even_steps(start: int, count: int, step: int) -> None:
    numbers = int_range(start, count, step)
    assert numbers[0] == start
    assert len(numbers) == count
    assert all(b - a == step for a, b in itertools.pairwise(numbers))


def test_whole_numbers_stay_in_64_bits() -> None:
    assert int_range(2**64 - 2, 2) == [2**64 - 2, 2**64 - 1]
    with pytest.raises(NodeError, match="beyond 64 bits"):
        int_range(2**64 - 2, 3)


@given(st.floats(-10, 10), st.floats(-10, 10), COUNT)
def test_numbers_at_even_distances(start: float, stop: float, count: int) -> None:
    numbers = float_range(start, stop, count)
    assert len(numbers) == count
    assert numbers[0] == start
    if count > 1:
        assert numbers[-1] == stop
        distance = (stop - start) / (count - 1)
        gaps = [b - a for a, b in itertools.pairwise(numbers)]
        assert gaps == pytest.approx([distance] * len(gaps), abs=1e-9)
