"""Faults that a review found, each kept from coming back."""

from pathlib import Path
from typing import Annotated, Any

from nodegraph import Context, Registry, Secret, Session, Workflow, node
from nodegraph.graph.builder import OutputHandle
from nodegraph.provenance import metadata_of
from nodes.loops import for_each, gather_list

asked: list[str] = []


@node()
def grow(value: int = 1) -> int | Workflow:
    """A node that returns itself."""
    fragment = Workflow(name="inner")
    fragment.declare_output("int", fragment.add(grow, id="in", value=value))
    return fragment


@node(effect=True)
def save(ctx: Context, value: object = 0, name: str = "made") -> None:
    """Save a text."""
    ctx.files.save(name, ".txt", lambda stream: stream.write(str(value).encode()), type="text")


@node()
def number(value: int = 0, far: int = 0) -> int:
    """The value alone."""
    return value


def stamp(path: str) -> str:
    return Path(path).read_text()


@node(fingerprint=stamp)
def read(path: str) -> str:
    """Read a file that is replaced in that moment."""
    if asked:
        Path(path).write_text(asked.pop())
    return Path(path).read_text()


@node()
def call(question: str, token: Annotated[str, Secret()] = "") -> str:
    """Ask somebody, with a secret."""
    return question


REGISTRY = Registry([grow, save, number, read, call, for_each, gather_list])


def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "data", REGISTRY)


def flow(**nodes: Any) -> Workflow:
    return Workflow.from_dict({"nodegraph": 1, "nodes": nodes})


def test_a_node_that_returns_itself_fails(tmp_path: Path) -> None:
    made = flow(
        g={"type": "Grow"},
        s={"type": "Save", "inputs": {"value": {"node": "g"}}},
        o={"type": "Save"},
    )

    result = session(tmp_path).run(made)

    assert result.status == "failed"
    assert "expands into itself" in result.errors[0].message
    assert result.nodes["o"].status == "ran"
    assert result.nodes["s"].status == "skipped"


def test_a_file_replaced_while_it_was_read_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    used = session(tmp_path)
    made = flow(r={"type": "Read", "inputs": {"path": str(path)}})
    made.declare_output("text", OutputHandle("r", "str"))
    asked.append("new")
    used.run(made)
    path.write_text("old")

    assert used.run(made)["text"] == "old"


def test_a_file_name_is_an_input(tmp_path: Path) -> None:
    used = session(tmp_path)

    def take(far: int) -> list[str]:
        made = flow(
            n={"type": "Number", "inputs": {"value": 1, "far": far}},
            s={"type": "Save", "inputs": {"value": {"node": "n"}, "name": "take{n.far}"}},
        )
        return [Path(str(output.path)).name for output in used.run(made).outputs]

    assert take(1) == ["take1_00001.txt"]
    assert take(2) == ["take2_00001.txt"]
    assert take(1) == ["take1_00001.txt"]


def test_a_parent_of_the_output_folder_is_another_folder(tmp_path: Path) -> None:
    used = session(tmp_path)
    made = flow(s={"type": "Save"})

    for folder in (tmp_path / "out" / "a", tmp_path / "out"):
        used.run(made, output_dir=folder)
        assert (folder / "made_00001.txt").is_file()


def test_a_counter_may_name_a_folder(tmp_path: Path) -> None:
    used = session(tmp_path)

    for value in (1, 2):
        made = flow(s={"type": "Save", "inputs": {"value": value, "name": "{counter}/picture"}})
        assert used.run(made, output_dir=tmp_path / "out").status == "succeeded"

    assert (tmp_path / "out" / "00002" / "picture.txt").is_file()


def test_secrets_given_to_a_loop_are_not_written(tmp_path: Path) -> None:
    body = {
        "nodegraph": 1,
        "inputs": {
            "item": {"node": "c", "input": "question"},
            "token": {"node": "c", "input": "token"},
        },
        "outputs": {"answer": {"node": "c"}},
        "nodes": {"c": {"type": "Call"}},
    }
    made = flow(
        e={"type": "ForEach", "inputs": {"items": ["a"], "body": body, "token": "HUSHHUSH"}},
        s={"type": "Save", "inputs": {"value": {"node": "e", "output": "answer"}}},
    )
    used = session(tmp_path)

    assert used.run(made).status == "succeeded"
    assert "HUSHHUSH" not in metadata_of(made, REGISTRY, "cpu")["nodegraph"]
    assert "HUSHHUSH" not in repr(used.cache.seen)
