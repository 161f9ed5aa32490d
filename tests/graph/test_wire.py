"""What may be connected to what, and what a run-time value is."""

from typing import Any, TypeVar

import pytest

from nodegraph.graph.wire import Wire, wire_of
from tests.graph.shapes import Circle, Colour, Shape

T = TypeVar("T")


class Named:
    """A class that people know under another name."""

    __wire_name__ = "CLIP"


def wire(annotation: Any) -> Wire:
    return wire_of(annotation, "here")


@pytest.mark.parametrize(
    ("source", "target", "fits"),
    [
        (int, int, True),
        (int, float, True),
        (float, int, False),
        (bool, bool, True),
        (bool, int, False),
        (bool, float, False),
        (int, bool, False),
        (str, int, False),
        (int, str, False),
        (Circle, Shape, True),
        (Shape, Circle, False),
        (Circle, Colour, False),
        (Circle, Shape | Colour, True),
        (Colour, Shape | Colour, True),
        (Circle | Colour, Shape | Colour, True),
        (Shape | Colour, Shape, False),
        (int | float, float, True),
        (int, object, True),
        (Shape, object, True),
        (list[int], object, True),
        (object, int, True),
        (object, list[int], True),
        (object, object, True),
        (list[int], list[int], True),
        (list[int], list[float], True),
        (list[bool], list[int], False),
        (list[Circle], list[Shape], True),
        (list[Circle], list[Colour], False),
        (int, list[int], False),
        (list[int], int, False),
        (Circle, Shape | None, True),
        (Shape | None, Shape, False),
        (Circle | None, Shape | Colour, False),
        (Circle | None, Shape | None, True),
        (Shape | None, object, True),
        (Shape | None, T, True),
        (list[int] | None, list[int], False),
        (None, Shape, False),
        (None, Shape | None, True),
        (list[int], list[int] | None, True),
        (Shape, T, True),
        (list[int], T, True),
    ],
)
def test_what_may_be_connected(source: Any, target: Any, fits: bool) -> None:
    assert wire(target).accepts(wire(source)) is fits


@pytest.mark.parametrize(
    ("source", "target", "fits"),
    [
        (list[int], int, True),
        (list[int], float, True),
        (list[bool], int, False),
        (list[Circle], Shape, True),
        (list[Circle], Colour, False),
        (list[int], list[int], False),
        (int, int, False),
    ],
)
def test_what_a_node_may_be_mapped_over(source: Any, target: Any, fits: bool) -> None:
    assert wire(target).accepts_mapped(wire(source)) is fits


@pytest.mark.parametrize(
    ("annotation", "value", "held"),
    [
        (int, 1, True),
        (int, True, False),
        (int, 1.0, False),
        (int, None, False),
        (float, 1, True),
        (float, 1.5, True),
        (float, True, False),
        (bool, True, True),
        (bool, 1, False),
        (str, "a", True),
        (Shape, Circle(), True),
        (Circle, Shape(), False),
        (Shape, Circle, False),
        (Shape | Colour, Colour(), True),
        (Shape | None, None, True),
        (object, None, True),
        (object, [1, "a"], True),
        (T, "anything", True),
        (list[int], [1, 2], True),
        (list[int], [], True),
        (list[int], [1, "a"], False),
        (list[int], (1, 2), False),
        (list[int], 1, False),
        (list[object], [1, "a"], True),
        (list[object], 1, False),
    ],
)
def test_what_a_value_must_be(annotation: Any, value: object, held: bool) -> None:
    assert wire(annotation).holds(value) is held


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (int, "int"),
        (object, "any"),
        (Any, "any"),
        (T, "any"),
        (Shape | Colour, "Shape | Colour"),
        (Shape | None, "Shape"),
        (list[Shape], "list[Shape]"),
        (list[str] | None, "list[str]"),
        (Named, "CLIP"),
        (list[Named], "list[CLIP]"),
    ],
)
def test_how_a_type_is_written(annotation: Any, name: str) -> None:
    assert wire(annotation).name == name


def test_an_element_of_a_list_and_back() -> None:
    shapes = wire(list[Shape])

    assert shapes.element() == wire(Shape)
    assert shapes.element().listed() == shapes
