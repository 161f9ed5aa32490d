"""Digests of values: equal content is equal, different content is not, opaque things have none."""

import enum
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.engine.keys import digest_value, opaque_digest


class Mode(enum.Enum):
    """A plain enumeration."""

    CROP = "crop"
    PAD = "pad"


class Other(enum.Enum):
    """Another one with the same names."""

    CROP = "crop"


class Level(enum.IntEnum):
    """An enumeration of numbers."""

    ONE = 1


@dataclass(frozen=True)
class Latent:
    """A frozen value."""

    samples: object
    factor: int = 8


@dataclass(frozen=True)
class Lookalike:
    """The same fields under another name."""

    samples: object
    factor: int = 8


@dataclass
class Mutable:
    """A value that may change."""

    samples: object = None


@dataclass(frozen=True)
class Model:
    """A frozen value that says it is opaque."""

    __opaque__ = True
    name: str = ""


class Pair(NamedTuple):
    """Two of them."""

    a: int
    b: int


DIFFERENT: list[Any] = [
    None, True, False, 0, 1, -1, 2**70, 10**5000, 0.0, -0.0, 1.0, math.nan, math.inf, "", "1",
    "a", "b", b"", b"a", [], (), {}, [1], [1, 2], [2, 1], [[1], 2], [1, [2]], [1.0], ["1"],
    (1, 2), Pair(1, 2), {"a": 1}, {"a": 2}, {"b": 1}, {"a": 1, "b": 1}, {"a": None}, [None],
    Latent(1), Latent(2), Latent(1, 4), Latent([1]), Lookalike(1), Mode.CROP, Mode.PAD,
    Other.CROP, Level.ONE, "crop",
    np.zeros(4, np.float32), np.zeros(4, np.int32), np.zeros((2, 2), np.float32),
    np.zeros((4, 1), np.float32), np.zeros(8, np.float16), np.ones(4, np.float32),
    np.zeros(4, ">f4"), np.zeros(0, np.float32), np.zeros((0, 3), np.float32),
    np.array(0, np.float32), np.zeros(16, np.uint8),
    torch.zeros(4), torch.zeros(4, dtype=torch.int32), torch.zeros(2, 2), torch.zeros(4, 1),
    torch.zeros(8, dtype=torch.float16), torch.zeros(8, dtype=torch.bfloat16), torch.ones(4),
    torch.zeros(0), torch.zeros(0, 3), torch.tensor(0.0), torch.zeros(4, dtype=torch.bool),
    torch.zeros(2, dtype=torch.complex64), torch.zeros(16, dtype=torch.uint8),
    [torch.zeros(4)], Latent(torch.zeros(4)), Latent(np.zeros(4, np.float32)),
]  # fmt: skip


def test_different_values_have_different_digests() -> None:
    digests = [digest_value(value) for value in DIFFERENT]

    assert None not in digests
    assert len({*digests}) == len(DIFFERENT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], [1, 2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1: "a", "1": "b"}, {"1": "b", 1: "a"}),
        (np.array([[0, 2], [1, 3]]), np.arange(4).reshape(2, 2).T),
        (np.arange(10)[::2], np.array([0, 2, 4, 6, 8])),
        (np.asfortranarray(np.ones((2, 3))), np.ones((2, 3))),
        (torch.arange(10)[::2], torch.tensor([0, 2, 4, 6, 8])),
        (torch.ones(3, 2).T, torch.ones(2, 3)),
        (torch.zeros(3, requires_grad=True), torch.zeros(3)),
        (torch.nn.Parameter(torch.zeros(3)), torch.zeros(3)),
        (torch.tensor([1 + 2j]).conj(), torch.tensor([1 - 2j])),
        (torch.tensor([1.0, -2.0]), -torch.tensor([-1.0, 2.0])),
        (Latent(torch.zeros(2)), Latent(torch.zeros(2))),
        (math.nan, float("nan")),
    ],
)  # fmt: skip
def test_equal_content_is_equal(one: object, other: object) -> None:
    assert digest_value(one) is not None
    assert digest_value(one) == digest_value(other)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Model("a"),
        [1, Model("a")],
        {"model": Model("a")},
        Latent(Model("a")),
        Mutable(),
        {1, 2},
        lambda: 0,
        torch.nn.Linear(1, 1),
        np.array([object(), 1], dtype=object),
        torch.zeros(3, device="meta"),
        torch.eye(2).to_sparse(),
        np.ma.masked_array([1, 2], mask=[True, False]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_opaque_has_none(value: object) -> None:
    assert digest_value(value) is None


def test_a_value_that_holds_itself_has_none() -> None:
    endless: list[Any] = []
    endless.append(endless)

    assert digest_value(endless) is None


def test_an_opaque_value_is_known_by_who_made_it() -> None:
    digests = {opaque_digest(key, i) for key in (b"a" * 32, b"b" * 32) for i in (0, 1, 300)}

    assert len(digests) == 6
    assert opaque_digest(b"a" * 32, 1) == opaque_digest(b"a" * 32, 1)


def test_hashing_leaves_a_tensor_as_it_is() -> None:
    tensor = torch.arange(6.0, requires_grad=True)

    digest_value(tensor.reshape(2, 3))

    assert tensor.grad_fn is None
    assert tensor.tolist() == [0, 1, 2, 3, 4, 5]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=6,
)


def shape_of(value: Any) -> object:
    """The value with every type made visible, so that 1, 1.0 and True are three things."""
    if isinstance(value, float):
        return ("float", value.hex())
    if isinstance(value, list | tuple):
        return (type(value).__name__, [shape_of(one) for one in value])
    if isinstance(value, dict):
        return ("dict", sorted((key, repr(shape_of(one))) for key, one in value.items()))
    return (type(value).__name__, value)


@given(VALUES, VALUES)
def test_digests_are_equal_exactly_when_values_are(one: object, other: object) -> None:
    same = repr(shape_of(one)) == repr(shape_of(other))

    assert (digest_value(one) == digest_value(other)) is same
