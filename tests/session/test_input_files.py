"""A result knows what its input files held: they are found again, and never taken for others."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nodegraph import InvalidWorkflow, Result, Session, Workflow
from nodegraph.engine.known_inputs import KnownInput, known_inputs
from tests.graph.shapes import at, use
from tests.session.kit import txt2txt

NAME = "texts/note.txt"


def reading(**more: Any) -> Workflow:
    nodes = {"read": use("Read", name=NAME), "embed": use("Embedded"), **more}
    return txt2txt(inputs={}, outputs={"e": at("embed"), "t": at("read")}, nodes=nodes)


@pytest.fixture
def made(session: Session, tmp_path: Path) -> Path:
    """The workflow as it stands in a result, in a folder of its own."""
    place = tmp_path / "there" / "flow.json"
    (place.parent / "texts").mkdir(parents=True)
    (place.parent / "texts" / "note.txt").write_text("a note")
    reading().save(place)
    result = session.run(place)
    here = tmp_path / "here"
    here.mkdir()
    (here / "result.json").write_text(result["e"])
    return here / "result.json"


def run(session: Session, made: Path, **inputs: Any) -> Result:
    return session.run(made, inputs, use_cache=False).raise_for_errors()


def test_a_result_says_what_its_input_files_held(made: Path, tmp_path: Path) -> None:
    written = json.loads(made.read_text())["made_with"]["inputs"]

    assert known_inputs(written) == {NAME: KnownInput.of(tmp_path / "there" / NAME)}
    assert written[NAME]["bytes"] == 6
    assert str(tmp_path) not in made.read_text()


def test_nothing_is_said_where_there_are_none(session: Session) -> None:
    made = txt2txt(inputs={}, outputs={"e": at("embed")}, nodes={"embed": use("Embedded")})

    assert "inputs" not in json.loads(session.run(made)["e"])["made_with"]


def test_files_that_bodies_of_loops_read_are_among_them(session: Session, tmp_path: Path) -> None:
    (tmp_path / "data" / "input" / "texts").mkdir(parents=True)
    (tmp_path / "data" / "input" / NAME).write_text("a note")
    inner = {"nodegraph": 1, "outputs": {"str": at("r")}, "nodes": {"r": use("Read", name=NAME)}}
    made = txt2txt(
        inputs={},
        outputs={"e": at("embed"), "t": at("in")},
        nodes={"in": use("Inside", body=inner), "embed": use("Embedded")},
    )

    assert [*json.loads(session.run(made)["e"])["made_with"]["inputs"]] == [NAME]


@pytest.mark.parametrize("place", ["beside", "input", "deep in input", "assets"])
def test_a_file_is_found_by_what_it_holds(
    session: Session, made: Path, tmp_path: Path, place: str
) -> None:
    digest = KnownInput.of(tmp_path / "there" / NAME).digest
    data = session.data
    target = {
        "beside": made.parent / "other name.txt",
        "input": data / "input" / "kept.bin",
        "deep in input": data / "input" / "a" / "b" / "kept",
        "assets": data / "assets" / digest[:2] / digest,
    }[place]
    with pytest.raises(InvalidWorkflow, match=f"there is no input file '{NAME}'"):
        run(session, made)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(tmp_path / "there" / NAME, target)

    assert run(session, made)["t"] == "a note"


def test_what_it_held_goes_before_its_name(session: Session, made: Path, tmp_path: Path) -> None:
    (made.parent / "texts").mkdir()
    (made.parent / NAME).write_text("b note")
    (made.parent / "old.txt").write_text("a note")

    assert run(session, made)["t"] == "a note"


def test_another_content_is_never_taken_silently(session: Session, made: Path) -> None:
    other = made.parent / NAME
    other.parent.mkdir()
    other.write_text("b note")

    with pytest.raises(InvalidWorkflow) as caught:
        run(session, made)

    (found,) = caught.value.problems
    assert (found.code, found.node, found.field) == ("input_file_replaced", "read", "name")
    assert found.message == (
        f"the file '{other}' is not what the input file '{NAME}' was when this was made, and "
        f"that is not found; to use it all the same, give it as a path: '{other}'"
    )
    assert run(session, made, **{"read.name": str(other)})["t"] == "b note"


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "x",
        {NAME: None},
        {NAME: {"blake3": "../../../../etc/passwd", "bytes": 6}},
        {NAME: {"blake3": "A" * 64, "bytes": 6}},
        {NAME: {"blake3": "0" * 64, "bytes": "6"}},
        {NAME: {"blake3": "0" * 64}},
    ],
)
def test_odd_notes_are_passed_over(session: Session, made: Path, odd: object) -> None:
    (made.parent / "texts").mkdir()
    (made.parent / NAME).write_text("b note")
    document = json.loads(made.read_text())
    document["made_with"]["inputs"] = odd
    made.write_text(json.dumps(document))

    assert known_inputs(odd) == {}
    assert run(session, made)["t"] == "b note"
