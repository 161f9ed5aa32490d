"""Running workflows from Python: inputs by name, seeds, reuse, what comes back."""

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from PIL import Image

from nodegraph import (
    CancelToken,
    Context,
    InputFile,
    InvalidWorkflow,
    NodeError,
    NodeFailed,
    OutputError,
    Registry,
    Secret,
    Seed,
    Session,
    Workflow,
    WorkflowFileError,
    node,
    run,
)
from nodegraph.engine.cache import TieredCache
from nodegraph.engine.disk import DiskCache
from nodegraph.engine.events import Event, NodeDone, NodePreview
from nodegraph.graph.workflow import OutputRef
from nodegraph.session import default_budget, default_data_dir, load_workflow
from tests.engine.arithmetic import Log, arithmetic
from tests.graph.shapes import at, use


@node()
def sample(prompt: str, seed: Annotated[int, Seed()] = 0, steps: int = 2) -> str:
    return f"{prompt} {seed} {steps}"


@node(effect=True)
def write(text: str, ctx: Context, name: str = "note") -> None:
    ctx.files.save(name, ".txt", lambda stream: stream.write(text.encode()), type="text")


@node(effect=True)
def paint(ctx: Context, size: int = 4) -> None:
    picture = Image.new("RGB", (size, size), "red")
    ctx.preview(picture)
    ctx.files.save("picture", ".png", lambda stream: picture.save(stream, "PNG"))


@node()
def read(name: Annotated[str, InputFile("text")], ctx: Context) -> str:
    return ctx.files.input(name).read_text()


@node()
def embedded(ctx: Context) -> str:
    return ctx.files.metadata["nodegraph"]


@node()
def ask(question: str, password: Annotated[str, Secret()] = "") -> str:
    return question


@node()
def inside(body: Workflow) -> Workflow | str:
    return body


@node()
def refuse(value: int = 0) -> int:
    raise NodeError("the value is too small")


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def session(tmp_path: Path, log: Log) -> Session:
    functions = [sample, write, paint, read, embedded, ask, inside, refuse, *arithmetic(log)]
    return Session(tmp_path / "data", Registry(functions))


def txt2txt(**changes: Any) -> Workflow:
    return Workflow.from_dict(
        {
            "nodegraph": 1,
            "name": "Text to text",
            "inputs": {
                "prompt": {"node": "sample", "input": "prompt"},
                "seed": {"node": "sample", "input": "seed"},
            },
            "outputs": {"text": {"node": "sample", "output": "str"}, "file": {"node": "save"}},
            "nodes": {
                "sample": use("Sample", prompt="a circle", seed=7),
                "save": use("Write", text=at("sample")),
            },
            **changes,
        }
    )


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


def test_secrets_stay_out_of_files_names_and_documents(session: Session) -> None:
    made = txt2txt(
        inputs={},
        outputs={"text": {"node": "e"}},
        nodes={
            "a": use("Ask", question="who?", password="swordfish"),
            "e": use("Embedded"),
            "s": use("Show", value=at("a")),
        },
    )

    result = session.run(made)

    assert "swordfish" not in result["text"]
    assert "who?" in result["text"]
    assert "swordfish" not in json.dumps(result.to_dict())
    assert made.nodes["a"].inputs["password"] == "swordfish"


def test_a_file_name_may_not_hold_a_secret(session: Session) -> None:
    nodes = {
        "a": use("Ask", question="who?", password="swordfish"),
        "w": use("Write", text=at("a"), name="{a.question}-{a.password}"),
    }

    result = session.run(txt2txt(inputs={}, outputs={}, nodes=nodes))

    assert result.status == "failed"
    assert "unknown value {a.password}" in result.errors[0].message


def test_a_file_name_may_hold_a_default(session: Session) -> None:
    nodes = {
        "sample": use("Sample", prompt="x"),
        "w": use("Write", text=at("sample"), name="{sample.steps}-{sample.seed}"),
    }

    result = session.run(txt2txt(inputs={}, outputs={}, nodes=nodes))

    assert [Path(str(output.path)).name for output in result.outputs] == ["2-0_00001.txt"]


def test_the_folder_of_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NODEGRAPH_DATA", str(tmp_path))
    assert default_data_dir() == tmp_path
    monkeypatch.delenv("NODEGRAPH_DATA")
    assert default_data_dir().name == "nodegraph"
    assert 2**26 < default_budget() < 2**45


def test_loading_without_a_session(tmp_path: Path) -> None:
    txt2txt().save(tmp_path / "flow.json")

    assert load_workflow(tmp_path / "flow.json") == txt2txt()


def test_secrets_are_not_written_to_the_disk(session: Session, tmp_path: Path) -> None:
    asked = {"a": use("Ask", question="who is there?", password="swordfish")}
    body = {"nodegraph": 1, "outputs": {"str": {"node": "a"}}, "nodes": asked}
    session.cache = TieredCache(2**20, disk=DiskCache(tmp_path / "data" / "cache", 2**20))

    for nodes in (asked, {"a": use("Inside", body=body)}):
        made = txt2txt(inputs={}, outputs={"text": {"node": "a"}}, nodes=nodes)
        assert session.run(made)["text"] == "who is there?"

    session.cache.flush()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"who is there?" in written
    assert b"swordfish" not in written


class TestChangedByHand:
    """A workflow may be changed between two runs in any way; plans are not reused wrongly."""

    def test_an_output_added(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        made.outputs["again"] = OutputRef(node="sample", output="str")

        assert session.run(made)["again"] == "a circle 7 2"

    def test_an_output_replaced(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)
        made.add(sample, id="other", prompt="other")

        made.outputs["text"] = OutputRef(node="other")

        assert session.run(made)["text"] == "other 0 2"

    def test_an_output_turned_to_another_node(self, session: Session) -> None:
        made = txt2txt()
        made.add(sample, id="other", prompt="other")
        session.run(made)

        made.outputs["text"] = OutputRef(node="other")
        assert session.run(made)["text"] == "other 0 2"
        made.outputs["text"].node = "sample"
        assert session.run(made)["text"] == "a circle 7 2"

    def test_a_body_that_was_broken(self, session: Session) -> None:
        asked = {"a": use("Ask", question="who?")}
        body = {"nodegraph": 1, "outputs": {"str": {"node": "a"}}, "nodes": asked}
        made = txt2txt(
            inputs={}, outputs={"text": {"node": "i"}}, nodes={"i": use("Inside", body=body)}
        )
        assert session.run(made)["text"] == "who?"

        made.nodes["i"].inputs["body"] = {**body, "nodes": {"a": use("Ask", question=3)}}

        with pytest.raises(InvalidWorkflow, match="expected str, got 3"):
            session.run(made)

    def test_a_literal_changed_in_place(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        made.nodes["sample"].inputs["seed"] = 8

        assert session.run(made)["text"] == "a circle 8 2"

    def test_a_literal_of_another_type_that_is_equal(self, session: Session) -> None:
        made = txt2txt()
        session.run(made, {"seed": 1})

        for value in (True, 1.0):
            with pytest.raises(InvalidWorkflow, match="expected int, got"):
                session.run(made, {"seed": value})

    def test_a_list_changed_in_place(self, session: Session) -> None:
        values = [1, 2]
        made = Workflow()
        made.add(session_total(session), id="t", values=values)
        made.outputs["sum"] = OutputRef(node="t")
        assert session.run(made)["sum"] == 3

        values.append(3)

        assert session.run(made)["sum"] == 6

    def test_a_link_turned(self, session: Session) -> None:
        made = txt2txt()
        made.add(sample, id="other", prompt="other")
        session.run(made)

        made.nodes["save"].inputs["text"] = at("other")

        (output,) = session.run(made).outputs
        assert Path(str(output.path)).read_text() == "other 0 2"

    def test_a_link_instead_of_a_literal(self, session: Session) -> None:
        made = txt2txt()
        made.nodes["save"].inputs["text"] = "plain"
        session.run(made)

        made.nodes["save"].inputs["text"] = at("sample")

        assert session.run(made)["text"] == "a circle 7 2"

    def test_another_type(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        made.nodes["sample"].type = "Ask"
        made.nodes["sample"].inputs = {"question": "who?"}

        assert session.run(made)["text"] == "who?"

    def test_a_node_removed(self, session: Session) -> None:
        made = txt2txt()
        session.run(made)

        del made.nodes["save"]
        del made.outputs["file"]

        assert list(session.run(made).nodes) == ["sample"]

    def test_two_workflows_of_one_name(self, session: Session) -> None:
        one = txt2txt()
        two = txt2txt(nodes={"sample": use("Ask", question="who?"), "save": use("Show", value=1)})

        texts = [session.run(made)["text"] for made in (one, two, one, two)]

        assert texts == ["a circle 7 2", "who?"] * 2

    def test_a_file_that_came_and_went(self, session: Session, tmp_path: Path) -> None:
        folder = tmp_path / "data" / "input"
        folder.mkdir(parents=True)
        made = txt2txt(
            inputs={}, outputs={"text": {"node": "r"}}, nodes={"r": use("Read", name="a.txt")}
        )
        with pytest.raises(InvalidWorkflow, match="there is no input file"):
            session.run(made)

        (folder / "a.txt").write_text("hello")
        assert session.run(made)["text"] == "hello"
        (folder / "a.txt").unlink()

        with pytest.raises(InvalidWorkflow, match="there is no input file"):
            session.run(made)


def session_total(session: Session) -> Any:
    """The lab's node that adds up a list."""
    found = session.registry.get("Total")
    assert found is not None
    return found.function
