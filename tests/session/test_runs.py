"""Running workflows from Python: inputs by name, seeds, reuse, what comes back."""

import json
from pathlib import Path

import pytest

from nodegraph import (
    CancelToken,
    InvalidWorkflow,
    NodeFailed,
    OutputError,
    Session,
    Workflow,
    WorkflowFileError,
    run,
)
from nodegraph.engine.events import Event, NodeDone, NodePreview
from nodegraph.session import default_budget, default_data_dir, load_workflow
from tests.engine.arithmetic import Log
from tests.graph.shapes import at, use
from tests.session.kit import txt2txt


def test_declared_outputs_come_back(session: Session, tmp_path: Path) -> None:
    result = session.run(txt2txt())

    assert result.status == "succeeded"
    assert result["text"] == "a circle 7 2"
    (made,) = result["file"]
    assert Path(made.path).read_text() == "a circle 7 2"
    assert Path(made.path).parent == tmp_path / "data" / "outputs"
    assert result["save"] == result["file"]


def test_inputs_by_declared_name_and_by_field(session: Session) -> None:
    result = session.run(txt2txt(), {"prompt": "a square", "sample.steps": 9})

    assert result["text"] == "a square 7 9"
    assert result.workflow.nodes["sample"].inputs["steps"] == 9


def test_inputs_are_keywords_of_run(session: Session, tmp_path: Path) -> None:
    result = run(txt2txt(), session=session, output_dir=tmp_path / "here", prompt="x", seed=1)

    assert result["text"] == "x 1 2"
    assert (tmp_path / "here" / "note_00001.txt").exists()


def test_an_input_that_is_not_declared(session: Session) -> None:
    with pytest.raises(InvalidWorkflow, match="there is no input 'promt'"):
        session.run(txt2txt(), {"promt": "x"})


def test_values_are_checked_before_anything_runs(session: Session, log: Log) -> None:
    with pytest.raises(InvalidWorkflow, match="expected int, got '7'"):
        session.run(txt2txt(), {"seed": "7"})

    assert session.run(txt2txt(), {"seed": 8}).status == "succeeded"


def test_only_the_seed_changed(session: Session) -> None:
    session.run(txt2txt())

    result = session.run(txt2txt(), {"seed": 8})

    assert result.nodes["sample"].reason == "input 'seed' changed 7 -> 8"
    assert {name: done.status for name, done in result.nodes.items()} == {
        "sample": "ran",
        "save": "ran",
    }


def test_nothing_changed(session: Session) -> None:
    first = session.run(txt2txt())

    again = session.run(txt2txt())

    assert {done.status for done in again.nodes.values()} == {"reused"}
    assert again["text"] == first["text"]
    assert again["file"] == first["file"]


def test_a_random_seed_is_drawn_and_recorded(session: Session) -> None:
    results = [session.run(txt2txt(), {"seed": "random"}) for _ in range(2)]

    seeds = [result.workflow.nodes["sample"].inputs["seed"] for result in results]
    assert all(isinstance(seed, int) for seed in seeds)
    assert seeds[0] != seeds[1]
    assert results[1]["text"] == f"a circle {seeds[1]} 2"
    assert session.run(results[1].workflow).nodes["sample"].status == "reused"


def test_without_the_cache_everything_runs(session: Session) -> None:
    session.run(txt2txt())

    result = session.run(txt2txt(), use_cache=False)

    assert {done.status for done in result.nodes.values()} == {"ran"}
    assert session.run(txt2txt(), {"seed": 9}).nodes["sample"].status == "ran"


def test_another_session_shares_nothing(session: Session, tmp_path: Path) -> None:
    session.run(txt2txt())
    other = Session(tmp_path / "data", session.registry)

    assert other.run(txt2txt()).nodes["sample"].status == "ran"


def test_only_some_nodes(session: Session) -> None:
    result = session.run(txt2txt(), only=["sample"])

    assert result["text"] == "a circle 7 2"
    assert result.nodes["save"].status == "skipped"
    assert result.outputs == ()


def test_a_file_and_what_lies_beside_it(session: Session, tmp_path: Path) -> None:
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow" / "note.txt").write_text("beside")
    Workflow.from_dict(
        {
            "nodegraph": 1,
            "outputs": {"text": {"node": "r"}},
            "nodes": {"r": use("Read", name="note.txt")},
        }
    ).save(tmp_path / "flow" / "read.json")

    assert session.run(tmp_path / "flow" / "read.json")["text"] == "beside"
    assert session.run(str(tmp_path / "flow" / "read.json"))["text"] == "beside"
    (tmp_path / "data" / "input").mkdir(parents=True)
    (tmp_path / "data" / "input" / "note.txt").write_text("in the data directory")
    assert session.run(tmp_path / "flow" / "read.json", use_cache=False)["text"] == (
        "in the data directory"
    )


def test_no_such_file(session: Session, tmp_path: Path) -> None:
    with pytest.raises(WorkflowFileError, match="there is no file"):
        session.run(tmp_path / "none.json")


def test_an_output_folder_that_cannot_be_written(
    session: Session, tmp_path: Path, log: Log
) -> None:
    (tmp_path / "file").write_text("")
    made = txt2txt(nodes={"sample": use("Number"), "save": use("Show", value=at("sample"))})
    del made.outputs["text"]

    with pytest.raises(OutputError):
        session.run(made, output_dir=tmp_path / "file")

    assert log == []


def test_a_failure(session: Session) -> None:
    made = txt2txt(outputs={}, nodes={"r": use("Refuse"), "s": use("Show", value=at("r"))})

    result = session.run(made)

    assert result.status == "failed"
    with pytest.raises(NodeFailed, match=r"node 'r' .Refuse.: the value is too small"):
        result.raise_for_errors()
    with pytest.raises(NodeFailed):
        run(made, session=session)


def test_cancelling(session: Session) -> None:
    token = CancelToken()
    token.cancel()

    assert session.run(txt2txt(), cancel=token).status == "canceled"


def test_events_are_emitted(session: Session) -> None:
    events: list[Event] = []

    session.run(txt2txt(), emit=events.append)

    assert [e.node for e in events if isinstance(e, NodeDone)] == ["sample", "save"]


@pytest.mark.parametrize("wanted", [True, False])
def test_previews_are_made_if_somebody_looks(session: Session, wanted: bool) -> None:
    events: list[Event] = []
    made = txt2txt(inputs={}, outputs={}, nodes={"p": use("Paint")})

    session.run(made, emit=events.append, previews=wanted)

    assert any(isinstance(e, NodePreview) for e in events) is wanted


def test_pictures_are_read(session: Session) -> None:
    made = txt2txt(inputs={}, outputs={}, nodes={"p": use("Paint"), "q": use("Paint", size=6)})

    pictures = session.run(made).images

    assert [picture.size for picture in pictures] == [(4, 4), (6, 6)]
    assert pictures[0].getpixel((0, 0)) == (255, 0, 0)


def test_what_was_not_made(session: Session) -> None:
    result = session.run(txt2txt())

    with pytest.raises(KeyError) as caught:
        _ = result["txt"]

    assert caught.value.args[0] == (
        "the run made no 'txt'; it made: text, file, save; did you mean 'text'?"
    )


def test_the_document(session: Session, tmp_path: Path) -> None:
    document = session.run(txt2txt()).to_dict()

    assert json.loads(json.dumps(document)) == document
    assert document["status"] == "succeeded"
    assert document["outputs"] == [
        {
            "node": "save",
            "name": "images",
            "type": "text",
            "path": str(tmp_path / "data" / "outputs" / "note_00001.txt"),
        }
    ]
    sampled = document["nodes"]["sample"]
    assert (sampled["status"], sampled["reason"]) == ("ran", "first run")
    assert document["errors"] == []


def test_the_document_of_a_failure(session: Session) -> None:
    nodes = {"t": use("Tell", text="hello"), "r": use("Refuse"), "s": use("Show", value=at("r"))}

    document = session.run(txt2txt(inputs={}, outputs={}, nodes=nodes)).to_dict()

    assert document["outputs"] == [
        {"node": "t", "name": "text", "type": "text", "text": "hello", "temporary": True}
    ]
    assert document["nodes"]["r"]["error"] == "the value is too small"
    assert document["nodes"]["s"]["status"] == "skipped"
    (error,) = document["errors"]
    assert (error["node"], error["message"]) == ("r", "the value is too small")


def test_the_folder_of_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NODEGRAPH_DATA", str(tmp_path))
    assert default_data_dir() == tmp_path
    monkeypatch.delenv("NODEGRAPH_DATA")
    assert default_data_dir().name == "nodegraph"
    assert 2**26 < default_budget() < 2**45


def test_loading_without_a_session(tmp_path: Path) -> None:
    txt2txt().save(tmp_path / "flow.json")

    assert load_workflow(tmp_path / "flow.json") == txt2txt()
