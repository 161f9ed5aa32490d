"""`nodegraph run` where all goes well: what is made, and what is said of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nodegraph.cli.shell import OpenSession
from tests.cli.command import Run, Write, link
from tests.cli.tiny import open_tiny

SAY = {"type": "Text", "inputs": {"value": "hello"}}


def number_to(effect: str, **inputs: Any) -> dict[str, Any]:
    """A Number node and an effect node."""
    return {
        "n": {"type": "Number", "inputs": inputs},
        "end": {"type": effect, "inputs": {"text": link("n")}},
    }


def test_people_are_told_where_the_result_is(run: Run, hello: Path, tmp_path: Path) -> None:
    done = run("run", hello, "--output-dir", "out")

    saved, head, *groups = re.sub(r" \d+\.\d s", "", done.out).splitlines()
    assert done.code == 0
    assert saved == "saved out/text_00001.txt"
    assert (tmp_path / "out" / "text_00001.txt").read_text() == "hello"
    assert head == "succeeded in: 2 ran"
    assert groups == ["  ran, first run: say, save"]


def test_a_result_elsewhere_is_named_in_full(run: Run, hello: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"

    done = run("run", hello, "--output-dir", elsewhere)

    assert f"saved {elsewhere}/text_00001.txt\n" in done.out


def test_without_an_output_folder_results_go_to_the_data_directory(
    run: Run, hello: Path, tmp_path: Path
) -> None:
    assert "saved data/outputs/text_00001.txt" in run("run", hello).out
    assert "saved mine/outputs/text_00001.txt" in run("run", hello, "--data", "mine").out


def test_programs_are_told_in_json(run: Run, hello: Path) -> None:
    done = run("run", hello, "--output-dir", "out", "--json")

    document = done.document
    assert done.code == 0
    assert list(document) == ["status", "seconds", "outputs", "nodes", "errors"]
    assert document["status"] == "succeeded"
    assert document["errors"] == []
    assert document["outputs"] == [
        {"node": "save", "name": "texts", "type": "text", "path": "out/text_00001.txt"}
    ]
    assert document["nodes"]["say"]["status"] == "ran"
    assert document["nodes"]["say"]["reason"] == "first run"


def test_texts_that_nodes_show_are_printed(run: Run, write: Write) -> None:
    done = run("run", write({"n": SAY, "end": {"type": "ShowText", "inputs": {"text": link("n")}}}))

    assert done.out.startswith("end: hello\n")


def test_explain_has_a_row_for_each_node(run: Run, write: Write) -> None:
    nodes = number_to("SaveText", value=7) | {"idle": SAY}

    done = run("run", write(nodes), "--output-dir", "out", "--explain")

    head, *rows = [line.split() for line in done.out.splitlines()[-4:]]
    assert head == ["node", "type", "status", "reason", "seconds", "size", "key"]
    assert [row[:3] for row in rows] == [
        ["n", "Number", "ran"],
        ["end", "SaveText", "ran"],
        ["idle", "Text", "skipped"],
    ]
    assert len(rows[0][-1]) == 8


def test_explain_in_json_adds_bytes_and_keys(run: Run, hello: Path) -> None:
    plain = run("run", hello, "--json").document["nodes"]["say"]
    explained = run("run", hello, "--json", "--explain").document["nodes"]["say"]

    assert {*explained} - {*plain} == {"bytes", "key"}
    assert len(explained["key"]) == 12


def test_a_declared_input_and_any_field_can_be_set(run: Run, hello: Path) -> None:
    done = run("run", hello, "--set", "words=a=b", "--set", "save.name=mine", "--output-dir", "out")

    assert "saved out/mine_00001.txt" in done.out
    assert Path("out/mine_00001.txt").read_text() == "a=b"


def test_only_runs_what_a_node_needs(run: Run, write: Write) -> None:
    nodes = number_to("SaveText") | {"boom": {"type": "Boom", "inputs": {"text": link("n")}}}

    done = run("run", write(nodes), "--only", "n", "--json")

    assert done.code == 0
    statuses = {name: node["status"] for name, node in done.document["nodes"].items()}
    assert statuses == {"n": "ran", "end": "skipped", "boom": "skipped"}


def test_an_unknown_node_in_only_is_refused(run: Run, hello: Path) -> None:
    done = run("run", hello, "--only", "sve", "--json")

    assert done.code == 3
    assert (done.error["code"], done.error["nearest"]) == ("missing_node", "save")


def test_a_seed_left_to_chance_is_told(run: Run, write: Write) -> None:
    file = write(number_to("ShowText", seed="random"))

    told = run("run", file)
    drawn = run("run", file, "--json").document["seeds"]["n.seed"]
    set_here = run("run", file, "--set", "n.seed=random", "--json").document["seeds"]

    assert "drawn n.seed = " in told.out
    assert 0 <= drawn < 2**53
    assert set_here["n.seed"] != drawn
    assert "seeds" not in run("run", file, "--set", "n.seed=5", "--json").document


def test_reuse_is_told_with_its_reason(run: Run, hello: Path, tmp_path: Path) -> None:
    session = open_tiny(tmp_path / "data", ())
    keep: OpenSession = lambda data, models: session  # noqa: E731

    run("run", hello, open_session=keep)
    again = run("run", hello, open_session=keep)
    changed = run("run", hello, "--set", "words=bye", "--json", open_session=keep)
    anew = run("run", hello, "--no-cache", open_session=keep)

    assert " s: 2 reused\n  reused, memory: say, save\n" in again.out
    assert changed.document["nodes"]["say"]["reason"] == "input 'value' changed 'hello' -> 'bye'"
    assert " s: 2 ran\n" in anew.out


def test_a_picture_runs_as_the_workflow_that_made_it(run: Run, hello: Path, tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("nodegraph", hello.read_text())
    Image.new("RGB", (4, 4)).save(tmp_path / "made.png", pnginfo=info)

    done = run("run", "made.png", "--set", "words=from a picture", "--output-dir", "out")

    assert done.code == 0
    assert Path("out/text_00001.txt").read_text() == "from a picture"


def test_a_picture_without_a_workflow_is_refused(run: Run, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "plain.png")

    done = run("run", "plain.png")

    assert done.code == 3
    assert "no workflow is embedded in 'plain.png'" in done.err


def test_input_files_may_lie_beside_the_workflow(run: Run, write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "words.txt").write_text("beside")
    nodes = {
        "read": {"type": "ReadText", "inputs": {"file": "words.txt"}},
        "end": {"type": "ShowText", "inputs": {"text": link("read")}},
    }

    assert "end: beside\n" in run("run", write(nodes, to="flows/flow.json")).out


def test_a_long_list_of_nodes_is_cut_short(run: Run, write: Write) -> None:
    nodes = {f"say{i}": {"type": "ShowText", "inputs": {"text": f"{i}"}} for i in range(20)}

    done = run("run", write(nodes))

    assert done.out.splitlines()[-1].endswith(" and 12 more (--explain lists all)")


def test_json_keeps_letters_of_every_script(run: Run, hello: Path) -> None:
    done = run("run", hello, "--set", "words=x", "--set", "save.name=čaj 茶", "--json")

    assert json.loads(done.out)["outputs"][0]["path"] == "data/outputs/čaj 茶_00001.txt"
    assert "茶" in done.out


@pytest.mark.parametrize(
    ("words", "message", "nearest"),
    [
        (["--device", "gpu"], "--device takes auto, cpu, cuda, cuda:N or mps, got 'gpu'", "cpu"),
        (["--device", "cuda:x"], "--device takes auto, cpu, cuda, cuda:N or mps", "cuda"),
        (["--dtype", "float"], "--dtype takes auto, float32, float16, bfloat16", "float32"),
        (["--set", "words"], "--set takes NAME=VALUE, such as --set seed=7, got 'words'", None),
        (["--set", "=x"], "--set takes NAME=VALUE, such as --set seed=7, got '=x'", None),
        (["--models", "no"], "--models: there is no folder 'no'", None),
    ],
)
def test_wrong_usage_is_told_with_the_nearest_word(
    run: Run, hello: Path, words: list[str], message: str, nearest: str | None
) -> None:
    told = run("run", hello, *words)
    counted = run("run", hello, *words, "--json")

    assert told.code == counted.code == 2
    assert told.err.startswith(f"error: {message}")
    assert (counted.error["code"], counted.error["nearest"]) == ("wrong_usage", nearest)
