"""What changed since the last run is said of one workflow, not of another that looks like it."""

from pathlib import Path

from nodegraph import Session, Workflow
from tests.graph.shapes import at, use
from tests.session.kit import sample, txt2txt


def reason(session: Session, source: Workflow | Path, **inputs: object) -> str:
    return session.run(source, inputs).nodes["sample"].reason


def saved(folder: Path, name: str, title: str = "", *, prompt: str, seed: int) -> Path:
    nodes = {
        "sample": use("Sample", prompt=prompt, seed=seed),
        "save": use("Write", text=at("sample")),
    }
    path = folder / f"{name}.json"
    Workflow.from_dict({"nodegraph": 1, "name": title, "nodes": nodes}).save(path)
    return path


def test_files_without_a_name(session: Session, tmp_path: Path) -> None:
    first = saved(tmp_path, "first", prompt="a", seed=1)
    second = saved(tmp_path, "second", prompt="b", seed=2)

    assert reason(session, first) == "first run"
    assert reason(session, second) == "first run"
    assert reason(session, first, **{"sample.seed": 3}) == "input 'seed' changed 1 -> 3"


def test_files_of_one_name(session: Session, tmp_path: Path) -> None:
    first = saved(tmp_path, "first", "Untitled", prompt="a", seed=1)
    second = saved(tmp_path, "second", "Untitled", prompt="b", seed=2)

    assert reason(session, first) == "first run"
    assert reason(session, second) == "first run"


def test_graphs_without_a_name(session: Session) -> None:
    made, other = txt2txt(name=""), txt2txt(name="")
    other.add(sample, id="more", prompt="c")
    assert reason(session, made) == "first run"

    assert reason(session, other, seed=8) == "first run"
    assert reason(session, made, seed=9) == "input 'seed' changed 7 -> 9"


def test_runs_of_different_people(session: Session) -> None:
    session.run(txt2txt(), {"prompt": "my own"}, scope="mine")

    other = session.run(txt2txt(), {"prompt": "another"}, scope="yours")
    again = session.run(txt2txt(), {"prompt": "the next"}, scope="yours")

    assert other.nodes["sample"].reason == "first run"
    assert again.nodes["sample"].reason == "input 'prompt' changed 'another' -> 'the next'"
