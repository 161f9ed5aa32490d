"""Files that are no workflow: each has a message that says what is wrong and where."""

import json
import re
from pathlib import Path

import pytest

from nodegraph import InvalidWorkflow, Problem, Workflow, WorkflowFileError

RESOURCES = Path(__file__).resolve().parents[1] / "resources"


def refused(name: str) -> str:
    with pytest.raises(WorkflowFileError) as caught:
        Workflow.load(RESOURCES / name)
    return str(caught.value).removeprefix(str(RESOURCES / name))


def malformed(name: str) -> list[Problem]:
    with pytest.raises(InvalidWorkflow) as caught:
        Workflow.load(RESOURCES / name)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("empty.json", " is not JSON: Expecting value at line 1, column 1"),
        ("a_list.json", " is not a workflow: expected an object, got list"),
        ("a_text.json", " is not a workflow: expected an object, got str"),
        ("no_marker.json", ' is not a workflow: it has no "nodegraph": 1; its keys are: 3, 4'),
        ("no_keys.json", ' is not a workflow: it has no "nodegraph": 1; its keys are: (none)'),
        ("format_zero.json", ": 'nodegraph' must be 1, got 0"),
        ("format_as_text.json", ": 'nodegraph' must be 1, got '1'"),
        ("format_true.json", ": 'nodegraph' must be 1, got True"),
        ("same_key_twice.json", ": the key 'a' stands twice in one object; one would be lost"),
        ("nan.json", ": NaN is not JSON; numbers must be finite"),
        ("infinity.json", ": -Infinity is not JSON; numbers must be finite"),
        ("half_a_character.json", " holds text that is not Unicode (half a surrogate pair)"),
    ],
)
def test_what_is_no_workflow(name: str, message: str) -> None:
    assert refused(name) == message


@pytest.mark.parametrize("name", ["not_json.json", "truncated.json"])
def test_what_is_not_json_says_where(name: str) -> None:
    assert re.fullmatch(r" is not JSON: .+ at line \d+, column \d+", refused(name))


def test_a_newer_format_says_how_to_read_it() -> None:
    message = refused("newer_format.json")

    assert "has format version 2; this nodegraph reads up to 1" in message
    assert "update" in message


def test_no_such_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "txt2img.json").write_text("{}")

    with pytest.raises(WorkflowFileError) as caught:
        Workflow.load(tmp_path / "text2img.json")

    assert str(caught.value) == (
        f"there is no file '{tmp_path}/text2img.json' - did you mean '{tmp_path}/txt2img.json'?"
    )


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(WorkflowFileError) as caught:
        Workflow.load(tmp_path / "flows" / "a.json")

    assert str(caught.value).endswith(f"(there is no folder '{tmp_path}/flows' either)")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(WorkflowFileError, match=r"cannot read '.*': Is a directory"):
        Workflow.load(tmp_path)


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xfe\x00", b'{"a": "\xff"}']
)
def test_bytes_that_are_no_text(data: bytes) -> None:
    with pytest.raises(WorkflowFileError, match=r"is not (a )?JSON"):
        Workflow.parse(data)


def test_an_endless_number() -> None:
    with pytest.raises(WorkflowFileError, match=r"Exceeds the limit .* for integer string"):
        Workflow.parse('{"nodegraph": 1, "layout": {"x": ' + "9" * 5000 + "}}")


@pytest.mark.parametrize("depth", [120, 5_000, 200_000])
@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_nesting_without_end(depth: int, start: str, end: str) -> None:
    text = '{"nodegraph": 1, "layout": {"a": ' + start * depth + "1" + end * depth + "}}"

    with pytest.raises(WorkflowFileError, match="is nested too deeply to be a workflow"):
        Workflow.parse(text)


def test_nesting_that_can_be_saved_again() -> None:
    text = '{"nodegraph": 1, "layout": {"a": ' + "[" * 60 + "]" * 60 + "}}"

    assert json.loads(Workflow.parse(text).to_json()) == json.loads(text)


@pytest.mark.parametrize(
    ("name", "node", "field", "message"),
    [
        ("node_without_type.json", "a", "type", "field required"),
        ("nodes_in_a_list.json", None, "nodes", "input should be a valid dictionary"),
        ("inputs_in_a_list.json", "a", "inputs", "input should be a valid dictionary, got [1]"),
        ("type_is_a_number.json", "a", "type", "input should be a valid string, got 3"),
        ("version_is_a_text.json", "a", "version", "input should be a valid integer, got '1'"),
        ("declared_input_without_field.json", None, "inputs.x.input", "field required"),
    ],
)
def test_what_is_malformed(name: str, node: str | None, field: str, message: str) -> None:
    (found,) = malformed(name)

    assert (found.code, found.node, found.field) == ("malformed", node, field)
    assert message in found.message


def test_all_that_is_malformed_is_said_at_once() -> None:
    places = {(found.node, found.field) for found in malformed("many_mistakes.json")}

    assert places == {(None, "name"), ("a", "type"), ("b", "inputs")}


def test_the_source_is_named_in_errors() -> None:
    with pytest.raises(WorkflowFileError, match=r"^the picture's workflow is not JSON"):
        Workflow.parse("x", "the picture's workflow")
