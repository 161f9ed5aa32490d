"""What `@node` reads out of a signature and a docstring."""

from typing import Annotated, Literal, NamedTuple

import pytest

from nodegraph import Context, DeclarationError, Lazy, Range, Seed, node, node_type_of
from nodegraph.graph.node import REQUIRED
from tests.graph.shapes import Circle, Colour, Shape


@node(category="image/filter")
def box_blur(
    shape: Shape, radius: Annotated[int, Range(0, 64)] = 2, *, exact: bool = False
) -> Shape:
    """Average every pixel over a window.

    The window is (2 radius + 1)^2 pixels.

    Args:
        shape: what to blur,
            all of it.
        radius (int): how far it reaches.

    Raises:
        ValueError: never.
    """
    return shape


def test_a_name_is_the_functions_in_camel_case() -> None:
    made = node_type_of(box_blur)

    assert (made.name, made.display_name, made.category) == ("BoxBlur", "Box Blur", "image/filter")


def test_a_name_and_a_title_can_be_given() -> None:
    @node(name="VAEDecode", display_name="Decode")
    def decode(shape: Shape) -> Shape:
        return shape

    assert (node_type_of(decode).name, node_type_of(decode).display_name) == ("VAEDecode", "Decode")


@pytest.mark.parametrize(
    ("name", "title"),
    [("VAEDecode", "VAE Decode"), ("CLIPSetLastLayer", "CLIP Set Last Layer"), ("Int", "Int")],
)
def test_a_title_is_the_name_with_spaces(name: str, title: str) -> None:
    @node(name=name)
    def some(shape: Shape) -> Shape:
        return shape

    assert node_type_of(some).display_name == title


def test_inputs_are_the_parameters_in_their_order() -> None:
    made = node_type_of(box_blur)

    assert [spec.name for spec in made.inputs] == ["shape", "radius", "exact"]
    assert [spec.default for spec in made.inputs] == [REQUIRED, 2, False]
    assert [spec.required for spec in made.inputs] == [True, False, False]
    assert [spec.wire.name for spec in made.inputs] == ["Shape", "int", "bool"]


def test_the_docstring_is_the_description_and_the_help() -> None:
    made = node_type_of(box_blur)

    assert made.description == (
        "Average every pixel over a window.\n\nThe window is (2 radius + 1)^2 pixels."
    )
    assert made.by_name["shape"].help == "what to blur, all of it."
    assert made.by_name["radius"].help == "how far it reaches."
    assert made.by_name["exact"].help == ""


def test_a_node_without_docstring_has_empty_texts() -> None:
    @node()
    def bare(shape: Shape) -> Shape:
        return shape

    assert node_type_of(bare).description == ""
    assert node_type_of(bare).by_name["shape"].help == ""


def test_the_function_stays_callable() -> None:
    circle = Circle()

    assert box_blur(circle, 3) is circle
    assert box_blur.__name__ == "box_blur"


def test_one_output_is_named_for_its_class() -> None:
    (output,) = node_type_of(box_blur).outputs

    assert (output.name, output.wire.name) == ("shape", "Shape")


def test_one_output_can_be_renamed() -> None:
    @node(outputs=("colour",))
    def name_of(shape: Shape) -> str:
        return "red"

    assert [o.name for o in node_type_of(name_of).outputs] == ["colour"]


def test_several_outputs_are_the_fields_of_a_named_tuple() -> None:
    class Parts(NamedTuple):
        outline: Circle
        fill: Colour

    @node()
    def take_apart(shape: Shape) -> Parts:
        return Parts(Circle(), Colour())

    outputs = node_type_of(take_apart).outputs
    assert [(o.name, o.wire.name) for o in outputs] == [("outline", "Circle"), ("fill", "Colour")]


def test_a_node_may_have_no_outputs() -> None:
    @node(effect=True)
    def show(shape: Shape) -> None:
        return None

    assert node_type_of(show).outputs == ()


def test_an_output_that_may_be_anything_is_a_value() -> None:
    @node()
    def pick(shape: Shape) -> object:
        return shape

    assert [(o.name, o.wire.name) for o in node_type_of(pick).outputs] == [("value", "any")]


def test_the_context_is_no_input() -> None:
    @node()
    def draw(shape: Shape, ctx: Context, size: int = 1) -> Shape:
        return shape

    made = node_type_of(draw)
    assert made.context == "ctx"
    assert [spec.name for spec in made.inputs] == ["shape", "size"]


def test_options_are_kept() -> None:
    @node(
        version=3,
        effect=True,
        volatile=True,
        io=True,
        deprecated="use Other",
        aliases=("Older", "Oldest"),
    )
    def some(shape: Shape) -> Shape:
        return shape

    made = node_type_of(some)
    assert (made.version, made.effect, made.volatile, made.io) == (3, True, True, True)
    assert (made.deprecated, made.aliases) == ("use Other", ("Older", "Oldest"))


def test_a_lazy_input_is_of_the_type_inside() -> None:
    @node()
    async def pick(first: Lazy[Shape], second: Lazy[int], which: bool = True) -> Shape:
        return await first

    made = node_type_of(pick)
    assert made.is_async
    assert made.lazy_names == {"first", "second"}
    assert made.by_name["first"].wire.name == "Shape"


def test_marks_inside_an_optional_or_a_lazy_type_hold_too() -> None:
    @node()
    async def pick(
        count: Annotated[int, Range(0, 5)] | None = None,
        later: Lazy[Annotated[int, Range(0, 5)]] = 0,  # type: ignore[assignment]
    ) -> int:
        return 0

    for spec in node_type_of(pick).inputs:
        assert spec.check(9, None)[1] is not None
        assert spec.check(5, None)[1] is None


@pytest.mark.parametrize("annotation", [int, float, str, bool, list[int], list[str], Shape, object])
def test_every_kind_of_input_can_be_optional(annotation: type) -> None:
    def some(value: annotation | None = None) -> int:  # type: ignore[valid-type]
        return 0

    spec = node_type_of(node()(some)).by_name["value"]

    assert spec.default is None
    assert spec.wire.optional or spec.wire.is_any


def test_a_literal_type_lists_its_values() -> None:
    @node()
    def fit(mode: Literal["crop", "pad"] = "crop", times: Literal[1, 2] = 1) -> int:
        return times

    made = node_type_of(fit)
    assert made.by_name["mode"].wire.name == "str"
    assert made.by_name["times"].wire.name == "int"


def test_a_seed_is_a_whole_number() -> None:
    @node()
    def draw(seed: Annotated[int, Seed()] = 0) -> int:
        return seed

    assert node_type_of(draw).by_name["seed"].wire.name == "int"


def test_a_plain_function_is_no_node() -> None:
    def plain(shape: Shape) -> Shape:
        return shape

    with pytest.raises(DeclarationError, match=r"plain.* is not declared with @node"):
        node_type_of(plain)


def test_a_node_knows_its_source_and_its_pack() -> None:
    made = node_type_of(box_blur)

    assert "Average every pixel" in made.code
    assert made.pack == __name__.partition(".")[0]
