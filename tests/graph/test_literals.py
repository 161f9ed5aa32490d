"""Values written into a workflow file are checked strictly: nothing is ever coerced."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import pytest

from nodegraph import (
    Choice,
    InputFile,
    ModelFile,
    Multiline,
    Problem,
    Range,
    Secret,
    Seed,
    node,
    node_type_of,
)
from tests.graph.shapes import Shape

MODELS = {"checkpoints": ["shapes-64", "sd15.safetensors"]}


class Installed:
    """Names as a machine with two models and one picture knows them."""

    def models(self, kind: str) -> Sequence[str]:
        return MODELS.get(kind, [])

    def has_input(self, name: str) -> bool:
        return name == "cat.png"


def check(annotation: Any) -> Callable[[object], tuple[object, Problem | None]]:
    def some(value: annotation) -> int:
        return 0

    spec = node_type_of(node()(some)).by_name["value"]
    return lambda value: spec.check(value, Installed())


def refused(annotation: Any, value: object) -> Problem:
    _, found = check(annotation)(value)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 3),
        (int, -(2**70)),
        (float, 0.5),
        (float, -0.0),
        (bool, False),
        (str, ""),
        (str, "ein größeres Bild 🎨"),
        (list[int], [1, 2]),
        (list[int], []),
        (list[str], ["a"]),
        (int | None, None),
        (str | int, "a"),
        (str | int, 3),
        (Literal["a", 2], "a"),
        (Literal["a", 2], 2),
        (Annotated[str, Multiline()], "a\nb"),
        (Annotated[str, Secret()], "hush"),
        (object, {"any": ["thing", 1, None]}),
    ],
)
def test_what_is_taken_as_it_is(annotation: Any, value: object) -> None:
    got, found = check(annotation)(value)

    assert found is None
    assert got == value
    assert type(got) is type(value)


def test_a_whole_number_is_a_number_too() -> None:
    value, found = check(float)(3)

    assert found is None
    assert (value, type(value)) == (3.0, float)


@pytest.mark.parametrize(
    ("annotation", "value", "expected", "got"),
    [
        (float, "2", "float", "'2'"),
        (int, "2", "int", "'2'"),
        (int, 2.0, "int", "2.0"),
        (int, True, "int", "True"),
        (float, False, "float", "False"),
        (bool, 1, "bool", "1"),
        (bool, "false", "bool", "'false'"),
        (str, 1, "str", "1"),
        (int, None, "int", "None"),
        (int, [1], "int", "[1]"),
        (list[int], 1, "list[int]", "1"),
        (list[int], [1, "2"], "list[int]", "[1, '2']"),
        (list[int], [True], "list[int]", "[True]"),
        (list[object], 1, "list[any]", "1"),
        (str, {"a": 1}, "str", "{'a': 1}"),
        (int | None, "2", "int", "'2'"),
    ],
)
def test_what_is_of_the_wrong_type(annotation: Any, value: object, expected: str, got: str) -> None:
    found = refused(annotation, value)

    assert found.code == "invalid_input_type"
    assert (found.expected, found.got) == (expected, got)
    assert found.message == f"expected {expected}, got {got} ({type(value).__name__})"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_not_finite(value: float) -> None:
    found = refused(float, value)

    assert found.code == "invalid_input_type"
    assert found.expected == "a finite number"


def test_a_whole_number_that_no_float_holds() -> None:
    assert refused(float, 10**400).code == "invalid_input_type"


@pytest.mark.parametrize(("annotation", "value"), [(str, "\ud800"), (list[str], ["a", "\udc80"])])
def test_text_that_is_no_unicode(annotation: Any, value: object) -> None:
    found = refused(annotation, value)

    assert (found.code, found.expected) == ("invalid_input_type", "text that is Unicode")


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", {1: 2}, float("nan"), [object()]])
def test_anything_means_anything_that_json_can_hold(value: object) -> None:
    assert refused(object, value).code == "invalid_input_type"


def test_a_long_value_is_cut_in_the_message() -> None:
    found = refused(int, "x" * 500)

    assert len(found.message) < 100
    assert found.got is not None
    assert found.got.endswith("...")


@pytest.mark.parametrize("value", [0, 1, 64])
def test_both_ends_of_a_range_belong_to_it(value: int) -> None:
    assert check(Annotated[int, Range(0, 64)])(value) == (value, None)


@pytest.mark.parametrize(
    ("mark", "value", "code", "message"),
    [
        (Range(0, 64), -1, "value_smaller_than_min", "-1 is below the minimum of 0"),
        (Range(0, 64), 65, "value_bigger_than_max", "65 is above the maximum of 64"),
        (Range(min=1), 0, "value_smaller_than_min", "0 is below the minimum of 1"),
        (Range(max=1), 2, "value_bigger_than_max", "2 is above the maximum of 1"),
    ],
)
def test_values_out_of_range(mark: Range, value: int, code: str, message: str) -> None:
    found = refused(Annotated[int, mark], value)

    assert (found.code, found.message, found.got) == (code, message, str(value))


def test_a_range_holds_for_every_element_of_a_list() -> None:
    for annotation in (Annotated[list[int], Range(0, 9)], list[Annotated[int, Range(0, 9)]]):
        assert check(annotation)([0, 9])[1] is None
        assert refused(annotation, [3, 10]).code == "value_bigger_than_max"


def test_a_range_does_not_hold_for_nothing() -> None:
    assert check(Annotated[int | None, Range(1, 2)])(None) == (None, None)


def test_a_choice_names_the_nearest() -> None:
    found = refused(Annotated[str, Choice("euler", "heun", "lms")], "Eulr")

    assert found.code == "value_not_in_list"
    assert found.message == "'Eulr' is not one of: euler, heun, lms"
    assert (found.expected, found.nearest) == ("euler, heun, lms", "euler")


def test_a_literal_type_names_the_nearest() -> None:
    for annotation in (Literal["crop", "pad"], Literal["crop", "pad"] | None):
        found = refused(annotation, "pads")

        assert (found.code, found.nearest) == ("value_not_in_list", "pad")


def test_a_literal_type_is_strict_too() -> None:
    for value in (True, 1.0, "1"):
        assert refused(Literal[1, 2], value).code == "value_not_in_list"


def test_choices_are_listed_at_the_moment_of_asking() -> None:
    options = ["a"]
    ask = check(Annotated[str, Choice(lambda: options)])

    assert ask("b")[1] is not None
    options.append("b")
    assert ask("b")[1] is None


def test_many_choices_are_cut_in_the_message() -> None:
    found = refused(Annotated[str, Choice(*(f"name{i}" for i in range(500)))], "other")

    assert found.message.endswith("name19, ...")


def test_no_choices_at_all() -> None:
    found = refused(Annotated[str, Choice(list)], "a")

    assert found.message == "'a' is not one of: (there are none)"


@pytest.mark.parametrize("value", [0, 2**64 - 1, "random"])
def test_seeds(value: object) -> None:
    assert check(Annotated[int, Seed()])(value) == (value, None)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, "value_smaller_than_min"),
        (2**64, "value_bigger_than_max"),
        ("Random", "invalid_input_type"),
        (1.0, "invalid_input_type"),
    ],
)
def test_what_is_no_seed(value: object, code: str) -> None:
    assert refused(Annotated[int, Seed()], value).code == code


def test_random_is_no_whole_number() -> None:
    assert refused(int, "random").code == "invalid_input_type"


def test_an_installed_model() -> None:
    assert check(Annotated[str, ModelFile("checkpoints")])("shapes-64") == ("shapes-64", None)


def test_a_model_that_is_not_installed_names_those_that_are() -> None:
    found = refused(Annotated[str, ModelFile("checkpoints")], "sd15")

    assert found.code == "missing_model"
    assert found.message == (
        "'sd15' is not an installed model of 'checkpoints': shapes-64, sd15.safetensors"
    )
    assert found.nearest == "sd15.safetensors"


def test_an_input_file() -> None:
    assert check(Annotated[str, InputFile()])("cat.png") == ("cat.png", None)
    found = refused(Annotated[str, InputFile()], "dog.png")
    assert (found.code, found.message) == (
        "missing_input_file",
        "there is no input file 'dog.png'",
    )


def test_files_are_not_looked_up_without_a_place_to_look() -> None:
    @node()
    def load(name: Annotated[str, ModelFile("vae")], picture: Annotated[str, InputFile()]) -> int:
        return 0

    for spec in node_type_of(load).inputs:
        assert spec.check("unheard-of", None) == ("unheard-of", None)


def test_a_class_cannot_be_written_into_a_file() -> None:
    @node()
    def some(shape: Shape, size: int) -> int:
        return 0

    allowed = {spec.name: spec.check.allowed for spec in node_type_of(some).inputs}
    assert allowed == {"shape": False, "size": True}
