"""Node types by name: nothing is ever replaced silently."""

import pytest

from nodegraph import DeclarationError, Registry, node
from tests.graph.shapes import BASICS, Shape, add, number


@node(name="Blur", aliases=("OldBlur",))
def blur(shape: Shape) -> Shape:
    return shape


@node(name="Blur")
def other_blur(shape: Shape) -> Shape:
    return shape


@node(name="Sharpen", aliases=("Blur",))
def sharpen(shape: Shape) -> Shape:
    return shape


def test_types_are_found_by_name_and_by_alias() -> None:
    registry = Registry([blur, add])

    assert registry.get("Blur") is registry.get("OldBlur")
    assert "OldBlur" in registry
    assert registry.get("Nothing") is None
    assert "Nothing" not in registry


def test_types_are_listed_once_in_the_order_of_their_names() -> None:
    registry = Registry([number, blur, add])

    assert [made.name for made in registry] == ["Add", "Blur", "Number"]
    assert len(registry) == 3


@pytest.mark.parametrize("second", [other_blur, sharpen])
def test_a_name_that_is_taken_names_both_owners(second: object) -> None:
    with pytest.raises(DeclarationError) as caught:
        Registry([blur, second])

    assert str(caught.value) == (
        f"node name 'Blur' is declared twice: by {__name__}.blur "
        f"and by {__name__}.{second.__name__}"  # type: ignore[attr-defined]
    )


def test_an_alias_cannot_be_taken_by_a_later_name() -> None:
    with pytest.raises(DeclarationError, match="node name 'Blur' is declared twice"):
        Registry([sharpen, blur])


def test_a_function_that_is_no_node_is_refused() -> None:
    with pytest.raises(DeclarationError, match="is not declared with @node"):
        Registry([len])


def test_two_registries_know_different_types() -> None:
    assert "Blur" in Registry([blur])
    assert "Blur" not in Registry([add])


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Ad", "Add"), ("numbr", "Number"), ("NUMBERS", "Numbers"), ("Xyz", None)],
)
def test_the_nearest_name(written: str, meant: str | None) -> None:
    assert Registry(BASICS).nearest(written) == meant
