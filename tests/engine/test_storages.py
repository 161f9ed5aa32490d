"""How many bytes a value holds: every piece of memory counts once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from nodegraph.engine.sizes import storages


@dataclass(frozen=True)
class Holder:
    """Something that holds others."""

    first: Any
    second: Any = None


class Knows:
    """Something that knows better."""

    def __storages__(self) -> dict[int, int]:
        return {1: 100, 2: 50}


def size(value: object) -> int:
    return sum(storages(value).values())


def test_nothing_weighs_nothing() -> None:
    assert size((None, 1, 2.5, True, [])) == 0


def test_texts_and_bytes() -> None:
    assert size("x" * 1000) == 1000
    assert size(b"x" * 1000) == 1000


def test_pictures() -> None:
    picture = Image.new("RGB", (100, 50))

    assert size(picture) == 100 * 50 * 4
    assert size([picture, Holder(picture, Image.new("L", (10, 60)))]) == 100 * 50 * 4 + 600


class Plain:
    """An object that nobody knows."""

    def __init__(self, **held: Any) -> None:
        self.__dict__.update(held)


class Slotted:
    """An object with places for two others."""

    __slots__ = ("left", "right")

    def __init__(self, left: Any) -> None:
        self.left = left


def test_numbers_in_containers() -> None:
    numbers = [float(number) for number in range(1000)]

    for value in (numbers, tuple(numbers), {*numbers}, dict.fromkeys(numbers)):
        assert 32_000 <= size([value]) <= 150_000
    assert size([numbers, numbers]) == size([numbers])
    assert 32_000 <= size([numbers[i : i + 4] for i in range(0, 1000, 4)]) <= 100_000


def test_plain_objects() -> None:
    array = np.zeros(1000)
    slotted = Slotted(Plain(inside=array))

    assert 8000 <= size(slotted) < 9000
    assert size(Plain(text="x" * 5000, number=3)) >= 5000
    assert size([Plain(number=number) for number in range(1000)]) > 50_000
    assert size([Plain, np, len, size]) == 0


def test_what_refers_to_itself() -> None:
    endless: list[Any] = [np.zeros(100)]
    endless.append(endless)

    assert 800 <= size(endless) < 1200


def test_the_work_is_bounded() -> None:
    many = [float(number) for number in range(1_000_000)]
    objects = [[float(number)] for number in range(200_000)]

    assert size([many]) == pytest.approx(32_000_000, rel=0.2)
    assert size([objects]) == pytest.approx(200_000 * (8 + 64 + 24), rel=0.4)


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_an_array_and_its_views_count_once(make: Any) -> None:
    whole = make(1000)
    itemsize = size(whole) // 1000

    assert itemsize in (4, 8)
    assert size([whole, whole[10:20], whole.reshape(10, 100), (whole,)]) == 1000 * itemsize


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_a_view_holds_all_that_it_is_a_part_of(make: Any) -> None:
    whole = make(1000)

    assert size(whole[:1]) == size(whole)


@pytest.mark.parametrize("make", [np.zeros, torch.zeros])
def test_two_arrays_count_twice(make: Any) -> None:
    one, other = make(10), make(10)

    assert size([one, other]) == 2 * size(one)


def test_arrays_without_elements() -> None:
    assert size([np.zeros(0), torch.zeros(0), torch.zeros(0)]) == 0


def test_inside_containers() -> None:
    value = Holder([torch.zeros(10)], {"a": (np.zeros(10, np.uint8), "abc")})

    assert 40 + 10 + 3 <= size(value) < 600


def test_a_module_is_its_parameters_and_buffers() -> None:
    layer = torch.nn.BatchNorm1d(10)

    held = sum(t.nbytes for t in (*layer.parameters(), *layer.buffers()))
    assert size(layer) == held
    assert size(Holder(layer, layer)) == held


def test_two_modules_that_share_weights() -> None:
    one = torch.nn.Linear(10, 10, bias=False)
    other = torch.nn.Linear(10, 10, bias=False)
    other.weight = one.weight

    assert size([one, other]) == 400


def test_what_knows_better_is_asked() -> None:
    assert size([Knows(), Knows()]) == 150


def test_what_holds_itself() -> None:
    endless: list[Any] = [np.zeros(10, np.uint8)]
    endless.append(endless)

    assert size(endless) == 10


def test_a_very_deep_value() -> None:
    deep: Any = np.zeros(10, np.uint8)
    for _ in range(100_000):
        deep = (deep,)

    assert 0 < size(deep) < 10_000_000
