"""Declarations that cannot work: refused at once, with the fix in the message."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest

from nodegraph import Choice, DeclarationError, Lazy, Range, node
from tests.graph.shapes import Shape


def refused(function: Callable[..., Any], **options: Any) -> str:
    with pytest.raises(DeclarationError) as caught:
        node(**options)(function)
    return str(caught.value)


def test_an_untyped_parameter() -> None:
    def blur(shape: Shape, radius=2) -> Shape:  # type: ignore[no-untyped-def]
        return shape

    assert refused(blur) == ("node Blur, parameter 'radius': the type is missing; write radius: T")


def test_a_missing_return_type() -> None:
    def blur(shape: Shape):  # type: ignore[no-untyped-def]
        return shape

    assert refused(blur) == "node Blur: the return type is missing; write -> None for none"


def test_inputs_without_names() -> None:
    def many(*shapes: Shape) -> Shape:
        return shapes[0]

    def named(**shapes: Shape) -> Shape:
        return shapes["a"]

    expected = "inputs have names; replace * and ** by parameters"
    assert refused(many) == f"node Many, parameter 'shapes': {expected}"
    assert refused(named) == f"node Named, parameter 'shapes': {expected}"


def test_inputs_that_only_have_a_position() -> None:
    def blur(shape: Shape, /) -> Shape:
        return shape

    assert refused(blur) == "node Blur, parameter 'shape': inputs are given by name; remove the /"


def test_a_default_of_the_wrong_type() -> None:
    def blur(radius: int = "two") -> int:  # type: ignore[assignment]
        return radius

    assert refused(blur) == (
        "node Blur, parameter 'radius': the default is not valid: expected int, got 'two' (str)"
    )


def test_a_default_out_of_range() -> None:
    def blur(radius: Annotated[int, Range(0, 64)] = 65) -> int:
        return radius

    assert "the default is not valid: 65 is above the maximum of 64" in refused(blur)


def test_a_default_that_is_no_choice() -> None:
    def blur(mode: Annotated[str, Choice("box", "gauss")] = "boxx") -> str:
        return mode

    def fit(mode: Literal["crop", "pad"] = "stretch") -> str:  # type: ignore[assignment]
        return mode

    assert "'boxx' is not one of: box, gauss" in refused(blur)
    assert "'stretch' is not one of: crop, pad" in refused(fit)


def test_choices_that_are_listed_later_are_not_asked_for_now() -> None:
    asked: list[str] = []

    def listed() -> list[str]:
        asked.append("now")
        return []

    @node()
    def blur(mode: Annotated[str, Choice(listed)] = "box") -> str:
        return mode

    assert asked == []


def test_no_default_where_none_is_meant() -> None:
    def blur(shape: Shape = None) -> int:  # type: ignore[assignment]
        return 0

    assert refused(blur) == (
        "node Blur, parameter 'shape': the default is None; write Shape | None"
    )


def test_a_lazy_input_of_a_plain_function() -> None:
    def pick(first: Lazy[Shape], which: bool) -> Shape:
        raise NotImplementedError

    assert refused(pick) == "node Pick: 'first' is Lazy, so the function must be async def"


@pytest.mark.parametrize("annotation", [list[list[int]], list[list[Shape]]])
def test_a_list_of_lists(annotation: Any) -> None:
    def flatten(value: annotation) -> int:
        return 0

    assert refused(flatten) == (
        "node Flatten, parameter 'value': a list of lists is no wire type; use a class"
    )


@pytest.mark.parametrize(
    "annotation", [dict[str, int], tuple[int, int], set[int], list, dict, Callable[[], int]]
)
def test_a_type_that_is_no_wire(annotation: Any) -> None:
    def some(value: annotation) -> int:
        return 0

    message = refused(some)

    assert message.startswith("node Some, parameter 'value': ")
    assert "is no wire type; use bool, int, float, str, Literal[...], list[...]" in message


def test_a_union_with_a_list() -> None:
    def some(value: int | list[int]) -> int:
        return 0

    assert refused(some).endswith("a union joins plain classes, not lists or variables")


def test_several_outputs_without_names() -> None:
    def halves(value: int) -> tuple[int, int]:
        return value, value

    assert "tuple[int, int] is no wire type" in refused(halves) or (
        "return a NamedTuple; its fields name the outputs" in refused(halves)
    )


def test_a_tuple_class_without_fields() -> None:
    def halves(value: int) -> tuple:  # type: ignore[type-arg]
        return value, value

    assert refused(halves) == ("node Halves: return a NamedTuple; its fields name the outputs")


def test_more_names_than_outputs() -> None:
    def blur(shape: Shape) -> Shape:
        return shape

    assert refused(blur, outputs=("a", "b")) == (
        "node Blur: outputs names 2 outputs, it returns one"
    )


def test_a_type_that_is_not_known_where_the_node_is() -> None:
    def blur(shape: "Nowhere") -> int:  # type: ignore[name-defined]  # noqa: F821
        return 0

    message = refused(blur)

    assert "'Nowhere' is not defined" in message
    assert "declare it where its types are known, at module level" in message


def test_a_fingerprint_of_something_that_is_no_input() -> None:
    def load(name: str) -> int:
        return 0

    def fingerprint(nam: str) -> str:
        return nam

    assert refused(load, fingerprint=fingerprint) == (
        "node Load: its fingerprint asks for 'nam', which is no input; did you mean 'name'?"
    )


def test_a_fingerprint_of_a_lazy_input() -> None:
    async def load(later: Lazy[int]) -> int:
        return await later

    def fingerprint(later: int) -> str:
        return str(later)

    assert refused(load, fingerprint=fingerprint) == (
        "node Load: its fingerprint asks for 'later', which is lazy"
    )
