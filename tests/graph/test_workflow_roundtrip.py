"""What is read is written again: unknown fields, their order, and nothing half."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph import Workflow
from tests.graph.shapes import add, number

RESOURCES = Path(__file__).resolve().parents[1] / "resources"


def ordered(value: Any) -> Any:
    """The value with dictionaries as lists, so that comparing it compares their order too."""
    if isinstance(value, dict):
        return [(key, ordered(one)) for key, one in value.items()]
    return [ordered(one) for one in value] if isinstance(value, list) else (type(value), value)


@pytest.mark.parametrize("name", ["unknown_fields.json", "fields_left_out.json"])
def test_everything_is_kept_in_its_order(name: str, tmp_path: Path) -> None:
    written = json.loads((RESOURCES / name).read_text())

    Workflow.load(RESOURCES / name).save(tmp_path / name)

    assert ordered(json.loads((tmp_path / name).read_text())) == ordered(written)


def test_fields_that_were_left_out_stay_out() -> None:
    made = Workflow.load(RESOURCES / "fields_left_out.json")

    assert made.to_dict() == {"nodegraph": 1, "nodes": {"a": {"type": "Number"}}}


def test_unknown_fields_outlive_a_change() -> None:
    made = Workflow.load(RESOURCES / "unknown_fields.json").set_inputs({"n": 8})

    written = made.to_dict()
    assert written["vendor"] == {"zeta": [True, None], "alpha": {}}
    assert written["nodes"]["a"]["muted"] is False
    assert written["nodes"]["a"]["inputs"] == {"value": 8, "later": [1, {"deep": None}]}
    assert list(written)[:3] == ["$schema", "nodes", "name"]


def test_what_code_built_can_be_read_again() -> None:
    built = Workflow(name="Sum")
    first = built.add(number, value=3)
    built.add(add, id="sum", a=first, b=first.int)

    again = Workflow.parse(built.to_json())

    assert again == built
    assert again.to_dict() == {
        "nodegraph": 1,
        "name": "Sum",
        "nodes": {
            "number": {"type": "Number", "version": 1, "inputs": {"value": 3}},
            "sum": {
                "type": "Add",
                "version": 1,
                "inputs": {
                    "a": {"node": "number", "output": "int"},
                    "b": {"node": "number", "output": "int"},
                },
            },
        },
    }


def test_text_is_written_readably() -> None:
    made = Workflow(name="Grüße 🎨")

    assert '"Grüße 🎨"' in made.to_json()
    assert made.to_json().endswith("}\n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NODE = st.fixed_dictionaries(
    {"type": st.text()},
    optional={"inputs": st.dictionaries(st.text(), JSON, max_size=3), "title": JSON},
)
FILE = st.fixed_dictionaries(
    {"extra": JSON, "nodes": st.dictionaries(st.text(), NODE, max_size=3), "nodegraph": st.just(1)},
    optional={"layout": st.dictionaries(st.text(), JSON, max_size=2), "name": st.text()},
)


@settings(max_examples=50)
@given(FILE)
def test_any_file_comes_back_as_it_was(file: dict[str, Any]) -> None:
    again = Workflow.parse(json.dumps(file)).to_json()

    assert ordered(json.loads(again)) == ordered(json.loads(json.dumps(file)))


def test_a_failing_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "flow.json"
    Workflow(name="old").save(target)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Workflow(name="new").save(target)

    assert Workflow.load(target).name == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["flow.json"]


def test_what_is_no_json_is_not_written(tmp_path: Path) -> None:
    target = tmp_path / "flow.json"
    Workflow(name="old").save(target)

    for value in (object(), float("nan")):
        with pytest.raises(ValueError, match=r"(?i)serializ|JSON"):
            Workflow(name="new", layout={"value": value}).save(target)

    assert Workflow.load(target).name == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["flow.json"]


def test_saving_replaces_the_file(tmp_path: Path) -> None:
    for name in ("first", "second"):
        Workflow(name=name).save(tmp_path / "flow.json")

    assert Workflow.load(str(tmp_path / "flow.json")).name == "second"


def test_a_byte_order_mark_is_no_hindrance() -> None:
    assert Workflow.parse(b'\xef\xbb\xbf{"nodegraph": 1, "name": "a"}').name == "a"
