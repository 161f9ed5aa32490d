import asyncio
import inspect

import pytest
import torch

from nodegraph import Context, Lazy, node_type_of
from nodegraph.graph.lazy import Ready
from nodes import primitives
from nodes.primitives import describe, preview_text
from nodes.types import Image, Latent


class Untouched(Lazy[str]):
    """A lazy input that nobody may ask for."""

    def __await__(self):  # type: ignore[no-untyped-def]
        raise AssertionError("the other branch was run")


def test_values_pass_through() -> None:
    assert primitives.integer(-3) == -3
    assert isinstance(primitives.number(2), float)
    assert primitives.string("a\nb") == "a\nb"
    assert primitives.boolean(True) is True
    assert primitives.seed_value(2**64 - 1) == 2**64 - 1


def test_the_types_have_short_names_and_the_fields_as_aliases() -> None:
    types = {node_type_of(function).name: node_type_of(function) for function in primitives.NODES}
    assert {"Int", "Float", "String", "Boolean", "Seed", "Switch", "PreviewText"} == set(types)
    assert types["Int"].aliases == ("PrimitiveInt",)
    outputs = {name: [o.name for o in made.outputs] for name, made in types.items()}
    assert outputs["Int"] == ["int"]
    assert outputs["String"] == ["string"]
    assert outputs["Boolean"] == ["boolean"]


@pytest.mark.parametrize("which", [False, True])
def test_switch_asks_only_for_the_value_it_gives(which: bool) -> None:
    asked, other = Ready("here"), Untouched()
    on_false, on_true = (other, asked) if which else (asked, other)
    chosen = primitives.choose(which, on_false, on_true)
    assert inspect.iscoroutine(chosen)
    assert asyncio.run(chosen) == "here"


def test_preview_text_gives_the_text() -> None:
    assert preview_text("a circle", ctx=Context.local()) == "a circle"
    assert node_type_of(preview_text).effect


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("as it is", "as it is"),
        (3, "3"),
        (0.5, "0.5"),
        (True, "true"),
        (None, "null"),
        (["a", 2], "a\n2"),
        (Image(torch.ones(1, 2, 3, 3) / 2), "Image: pixels [1, 2, 3, 3] 0.5..0.5"),
        (
            Latent(torch.zeros(1, 4, 1, 1), empty_size=(8, 8)),
            "Latent: samples [1, 4, 1, 1] 0..0, empty_size (8, 8)",
        ),
        (torch.zeros(0, 3), "[0, 3]"),
        (object(), "object"),
    ],
)
def test_describe(value: object, said: str) -> None:
    assert describe(value) == said


def test_describe_looks_into_no_opaque_value() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Model:
        __opaque__ = True
        weights: int = 1

    assert describe(Model()) == "Model"
