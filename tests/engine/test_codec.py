"""Values to bytes and back: exactly, without pickle, and never half."""

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from nodegraph.engine.codec import NotKnown, NotStorable, decode, encode
from nodegraph.engine.keys import digest_value


@dataclass(frozen=True)
class Latent:
    """A frozen value."""

    samples: Any
    size: tuple[int, int] | None = None


@dataclass
class Mutable:
    """A value that may change."""

    samples: Any = None


@dataclass(frozen=True)
class Model:
    """An opaque value."""

    __opaque__ = True
    name: str = ""


@dataclass(frozen=True)
class Strict:
    """A value that checks what it is made of."""

    size: int

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("too small")


def back(folder: Path, *values: Any) -> tuple[Any, ...] | None:
    path = folder / "value.safetensors"
    path.write_bytes(encode(values))
    return decode(str(path))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(2**70),
        1.5,
        -0.0,
        math.inf,
        "",
        "größer \ud800",
        b"\0\xff",
        [],
        (),
        [1, [2, (3, None)]],
        {"a": 1, 2: [None], (1, "b"): {}},
        np.arange(6, dtype=">i2").reshape(2, 3),
        np.zeros((0, 3)),
        np.array(7),
        np.array([True, False]),
        torch.arange(6).reshape(2, 3),
        torch.randn(2, 3, dtype=torch.float64),
        torch.ones(3, dtype=torch.bfloat16),
        torch.ones(3, dtype=torch.float16),
        torch.tensor([True, False]),
        torch.tensor(3.5),
        torch.zeros(0, 4),
        torch.arange(10)[::3],
        torch.tensor([1 + 2j]),
        Latent(torch.ones(1, 4, 2, 2), (16, 16)),
        [Latent(np.ones(2)), Latent(None)],
        Strict(3),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_there_and_back(tmp_path: Path, value: Any) -> None:
    found = back(tmp_path, value)

    assert found is not None
    assert type(found[0]) is type(value)
    assert digest_value(found[0]) == digest_value(value) is not None


def test_several_outputs_keep_their_order(tmp_path: Path) -> None:
    assert back(tmp_path, 1, "two", None) == (1, "two", None)
    assert back(tmp_path) == ()


def test_what_comes_back_is_a_value_of_its_own(tmp_path: Path) -> None:
    tensor = torch.zeros(3)
    found = back(tmp_path, tensor)

    assert found is not None
    found[0][0] = 1
    assert tensor.tolist() == [0, 0, 0]


endless: list[Any] = []
endless.append(endless)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Mutable(),
        Model(),
        [Model()],
        Latent(Model()),
        {1, 2},
        torch.nn.Linear(1, 1),
        np.array([object()], dtype=object),
        torch.zeros(2, device="meta"),
        endless,
        10**5000,
        test_there_and_back,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_stored_form(value: object) -> None:
    with pytest.raises(NotStorable):
        encode((value,))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_any_plain_value_comes_back(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    found = back(tmp_path_factory.getbasetemp(), value)

    assert found is not None
    assert digest_value(found[0]) == digest_value(value)


@given(st.data())
def test_a_damaged_file_is_a_miss_or_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = encode(([1, {"a": "text"}], np.arange(20)))
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 3))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    path.write_bytes(damaged)

    found = decode(str(path))

    assert found is None or isinstance(found, tuple)


@pytest.mark.parametrize(
    "tree",
    [
        "[",
        "3",
        '{"a": 1}',
        '[{"unknown": 1}]',
        '[{"array": "0", "kind": "numpy <f4", "shape": [99]}]',
        '[{"array": "9", "kind": "numpy <f4", "shape": [1]}]',
        '[{"array": "0", "kind": "torch load", "shape": [4]}]',
        '[{"array": "0", "kind": "cupy <f4", "shape": [4]}]',
        '[{"class": "os:system", "fields": {"command": "true"}}]',
        '[{"class": "subprocess:Popen", "fields": {"args": "true"}}]',
        '[{"class": "tests.engine.test_codec:Model", "fields": {}}]',
        '[{"class": "tests.engine.test_codec:Strict", "fields": {"size": -1}}]',
        '[{"class": "tests.engine.test_codec:Strict", "fields": {"other": 1}}]',
        '[{"float": "soon"}]',
        '[{"bytes": "*"}]',
        '[{"dict": [[[], 1]]}]',
    ],
)
def test_a_foreign_file_is_a_miss(tmp_path: Path, tree: str) -> None:
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(save({"0": np.zeros(4, np.uint8)}, {"nodegraph": tree}))

    assert decode(str(path)) is None


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_text("hello")
    (tmp_path / "plain").write_bytes(save({"a": np.zeros(2)}))

    for name in ("missing", "empty", "text", "plain", "."):
        assert decode(str(tmp_path / name)) is None


def test_reading_imports_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("a_node_pack")
    exec(
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Thing:\n    size: int\n",
        module.__dict__,
    )
    monkeypatch.setitem(sys.modules, "a_node_pack", module)
    path = tmp_path / "thing.safetensors"
    path.write_bytes(encode((module.Thing(3),)))
    assert decode(str(path)) == (module.Thing(3),)

    monkeypatch.delitem(sys.modules, "a_node_pack")

    with pytest.raises(NotKnown):
        decode(str(path))
