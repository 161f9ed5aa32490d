"""Fingerprints: what outside its inputs a node depends on, asked for with their real values."""

from pathlib import Path
from typing import Any

import pytest

from nodegraph import Context, Workflow, node
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, reasons, statuses
from tests.graph.shapes import at, flow, use

ASKED = Log()


def content(name: str, files: Any) -> str:
    ASKED.append(name)
    digest: str = files.digest(files.input(name))
    return digest


@node()
def note_name(number: int) -> str:
    return f"note{number}.txt"


@node(fingerprint=content)
def read(name: str, ctx: Context, suffix: str = "") -> str:
    return ctx.files.input(name).read_text() + suffix


@node()
def read_all(names: list[str]) -> Workflow | str:
    made = Workflow()
    last: Any = None
    for name in names:
        last = made.add(read, id=name, name=name)
    made.declare_output("str", last)
    return made


@node(fingerprint=lambda: None)
def constant() -> int:
    return 7


@pytest.fixture
def reading(tmp_path: Path) -> Lab:
    ASKED.clear()
    (tmp_path / "in").mkdir()
    for number in (1, 2):
        (tmp_path / "in" / f"note{number}.txt").write_text(f"text {number}")
    return Lab(tmp_path, [note_name, read, read_all, constant, *arithmetic(Log())])


def linked(number: int, suffix: str = "") -> Workflow:
    return flow(
        n=use("NoteName", number=number), r=use("Read", name=at("n"), suffix=suffix),
        s=use("Show", value=at("r")),
    )  # fmt: skip


def test_a_linked_value_is_asked_with(reading: Lab) -> None:
    assert reading.value(linked(1), "r") == "text 1"
    assert set(ASKED) == {"note1.txt"}
    assert statuses(reading.run(linked(1))) == {"n": "reused", "r": "reused", "s": "ran"}
    assert reading.value(linked(2), "r") == "text 2"


def test_a_changed_file_runs_what_follows(reading: Lab, tmp_path: Path) -> None:
    reading.run(linked(1))

    (tmp_path / "in" / "note1.txt").write_text("another text")

    report = reading.run(linked(1), keep=["r"])
    assert report.values["r"] == ("another text",)
    assert statuses(report) == {"n": "reused", "r": "ran", "s": "ran"}
    assert reasons(report)["r"] == "a file it reads changed"


def test_an_evicted_value_is_made_again_to_ask_with(reading: Lab) -> None:
    reading.cache.budget = -1
    reading.run(linked(1))

    report = reading.run(linked(1))

    assert statuses(report) == {"n": "ran", "r": "reused", "s": "reused"}
    assert reasons(report)["n"] == "evicted"


def test_another_file_with_the_same_text_is_another_call(reading: Lab, tmp_path: Path) -> None:
    reading.run(linked(1))
    (tmp_path / "in" / "note2.txt").write_text("text 1")

    report = reading.run(linked(2))

    assert statuses(report) == {"n": "ran", "r": "ran", "s": "reused"}


def test_inside_a_fragment(reading: Lab, tmp_path: Path) -> None:
    made = flow(a=use("ReadAll", names=["note1.txt", "note2.txt"]))

    assert reading.value(made, "a") == "text 2"


def test_no_fingerprint_is_one_too(reading: Lab) -> None:
    made = flow(c=use("Constant"))

    assert reading.value(made, "c") == 7
    assert statuses(reading.run(made, "c")) == {"c": "reused"}
