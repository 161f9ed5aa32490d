"""Effect nodes: what they made is reported every time, and made again when it is gone."""

from pathlib import Path

import pytest

from nodegraph import Context, NodeError, Workflow, node
from nodegraph.engine.events import Output, OutputMade
from nodegraph.engine.report import RunReport
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab, statuses
from tests.graph.shapes import at, flow, use


@node(effect=True)
def save(value: int, ctx: Context, name: str = "note", count: int = 1) -> None:
    for _ in range(count):
        ctx.files.save(
            name,
            ".txt",
            lambda stream: stream.write(str(value).encode()),
            type="text",
            name="notes",
        )


@node(effect=True)
def tell(value: int, ctx: Context) -> None:
    ctx.files.show(f"it is {value}")


@node(effect=True)
def preview(value: int, ctx: Context) -> None:
    ctx.files.save("look", ".txt", lambda stream: stream.write(b"x"), type="text", temporary=True)


@node(effect=True)
def half(value: int, ctx: Context) -> None:
    ctx.files.save("first", ".txt", lambda stream: stream.write(b"x"), type="text")
    raise NodeError("no second")


@pytest.fixture
def saving(tmp_path: Path, log: Log) -> Lab:
    return Lab(tmp_path, [save, tell, preview, half, *arithmetic(log)])


def saved(value: int = 3, **inputs: object) -> Workflow:
    entry = {"type": "Save", "inputs": {"value": at("n"), **inputs}}
    return flow(n=use("Number", value=value), s=entry)


def paths(report: RunReport) -> list[str]:
    return [Path(output.path).name for output in report.outputs if output.path is not None]


def test_what_was_made_is_reported(saving: Lab, tmp_path: Path) -> None:
    report = saving.run(saved())

    assert report.outputs == [
        Output("s", "notes", "text", str(tmp_path / "out" / "note_00001.txt"))
    ]
    assert [event for event in saving.events if isinstance(event, OutputMade)] == [
        OutputMade(report.outputs[0])
    ]
    assert (tmp_path / "out" / "note_00001.txt").read_text() == "3"


def test_a_reused_node_reports_what_it_made_before(saving: Lab) -> None:
    first = saving.run(saved())

    again = saving.run(saved())

    assert statuses(again) == {"n": "reused", "s": "reused"}
    assert again.outputs == first.outputs
    assert [event.output for event in saving.events if isinstance(event, OutputMade)] == (
        first.outputs
    )


def test_under_another_id_it_reports_under_that_id(saving: Lab) -> None:
    saving.run(saved())
    other = flow(m=use("Number", value=3), t=use("Save", value=at("m")))

    report = saving.run(other)

    assert [output.node for output in report.outputs] == ["t"]
    assert statuses(report)["t"] == "reused"


def test_it_runs_again_if_its_file_is_gone(saving: Lab, tmp_path: Path, log: Log) -> None:
    first = saving.run(saved(count=2))
    (tmp_path / "out" / "note_00002.txt").unlink()
    log.clear()

    again = saving.run(saved(count=2))

    assert statuses(again)["s"] == "ran"
    assert again.nodes["s"].reason == "the files it made are gone or belong elsewhere"
    assert paths(first) == ["note_00001.txt", "note_00002.txt"]
    assert paths(again) == ["note_00002.txt", "note_00003.txt"]
    assert log == []


def test_it_runs_again_for_another_folder(saving: Lab, tmp_path: Path) -> None:
    saving.run(saved())

    report = saving.run(saved(), output_dir="elsewhere")

    assert statuses(report) == {"n": "reused", "s": "ran"}
    assert (tmp_path / "elsewhere" / "note_00001.txt").exists()
    assert statuses(saving.run(saved(), output_dir="elsewhere"))["s"] == "reused"


def test_a_text_needs_no_file(saving: Lab) -> None:
    made = flow(t=use("Tell", value=3))
    saving.run(made)

    report = saving.run(made, output_dir="elsewhere")

    assert statuses(report) == {"t": "reused"}
    assert [(o.name, o.type, o.text, o.temporary) for o in report.outputs] == [
        ("text", "text", "it is 3", True)
    ]


def test_a_preview_lies_apart(saving: Lab, tmp_path: Path) -> None:
    report = saving.run(flow(p=use("Preview", value=3)))

    (output,) = report.outputs
    assert output.temporary
    assert output.path == str(tmp_path / "out" / "temp" / "look_00001.txt")


def test_what_a_failing_node_made_is_reported_too(saving: Lab) -> None:
    report = saving.run(flow(h=use("Half", value=3)))

    assert statuses(report) == {"h": "failed"}
    assert paths(report) == ["first_00001.txt"]


def test_outputs_stand_in_the_order_of_the_nodes(saving: Lab) -> None:
    nodes = {f"s{i}": use("Save", value=i, name=f"f{i}") for i in range(5)}

    report = saving.run(flow(**nodes))

    assert paths(report) == [f"f{i}_00001.txt" for i in range(5)]
    assert paths(saving.run(flow(**nodes))) == paths(report)


def test_a_mapped_effect_reports_every_file(saving: Lab) -> None:
    made = flow(n=use("Numbers", count=3), s=use("Save", value=at("n")))

    assert paths(saving.run(made)) == [f"note_0000{i}.txt" for i in (1, 2, 3)]
    assert paths(saving.run(made)) == [f"note_0000{i}.txt" for i in (1, 2, 3)]


def test_names_may_hold_values_of_the_workflow(saving: Lab) -> None:
    made = flow(
        n=use("Number", value=7), s=use("Save", value=at("n"), name="n{n.value}-{counter:2}")
    )

    assert paths(saving.run(made)) == ["n7-01.txt"]


def test_equal_effects_both_report(saving: Lab) -> None:
    made = flow(a=use("Save", value=1), b=use("Save", value=1))

    report = saving.run(made)

    assert sorted(output.node for output in report.outputs) == ["a", "b"]
    assert sorted(statuses(report).values()) == ["ran", "reused"]
    assert len(set(paths(report))) == 1
