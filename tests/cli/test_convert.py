"""`nodegraph convert`, and other programs' files at `run` and `validate`."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Run

API = {
    "1": {"class_type": "Text", "inputs": {"value": "hello"}, "_meta": {"title": "Say it"}},
    "2": {"class_type": "SaveText", "inputs": {"text": ["1", 0]}},
}
DRAWN = {
    "version": 0.4,
    "nodes": [
        {"id": 1, "type": "Text", "pos": [0, 0], "widgets_values": ["hello"]},
        {"id": 2, "type": "SaveText", "pos": [9, 9], "inputs": [{"name": "text", "link": 1}]},
        {"id": 3, "type": "SaveText", "mode": 2},
    ],
    "links": [[1, 1, 0, 2, 0, "STRING"]],
}


@pytest.fixture
def api(tmp_path: Path) -> Path:
    file = tmp_path / "comfy.json"
    file.write_text(json.dumps(API))
    return file


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    file = tmp_path / "drawn.json"
    file.write_text(json.dumps(DRAWN))
    return file


def test_there_and_back_is_the_same(run: Run, api: Path, tmp_path: Path) -> None:
    there = run("convert", api, "ours.json")
    back = run("convert", "ours.json", "theirs.api.json")

    assert (there.code, back.code) == (0, 0)
    assert "wrote ours.json: native, 2 nodes" in there.out
    made = json.loads((tmp_path / "ours.json").read_text())
    assert made["nodes"]["2"]["inputs"] == {"text": {"node": "1", "output": "str"}}
    theirs = json.loads((tmp_path / "theirs.api.json").read_text())
    assert theirs["1"] == API["1"]
    assert theirs["2"]["inputs"]["text"] == ["1", 0]


def test_what_is_lost_is_said(run: Run, drawn: Path) -> None:
    told = run("convert", drawn, "ours.json")
    counted = run("convert", drawn, "ours.json", "--force", "--json")

    assert "not carried over: node '3': SaveText is muted and left out" in told.out
    assert [(r["code"], r["node"]) for r in counted.document["remarks"]] == [("muted", "3")]
    assert counted.document["from"] == "comfyui-ui"


def test_nothing_is_overwritten_unasked(run: Run, api: Path, tmp_path: Path) -> None:
    before = api.read_bytes()

    done = run("convert", api, api)

    assert done.code == 2
    assert "is there already" in done.err
    assert "--force" in done.err
    assert api.read_bytes() == before


def test_a_format_that_there_is_not(run: Run, api: Path, tmp_path: Path) -> None:
    done = run("convert", api, "out.json", "--to", "ap")

    assert done.code == 2
    assert "there is no format 'ap'; there are native and api - did you mean 'api'?" in done.err
    assert not (tmp_path / "out.json").exists()


def test_a_folder_that_is_not_there(run: Run, api: Path) -> None:
    done = run("convert", api, "nowhere/out.json", "--json")

    assert done.code == 1
    assert done.error["code"] == "output_not_written"


def test_a_malformed_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"1": {"class_type": "Text"}}')

    done = run("convert", "bad.json", "out.json")

    assert done.code == 3
    assert "node '1', 'inputs': there is no 'inputs'" in done.err


def test_a_random_seed_becomes_a_number(run: Run, tmp_path: Path) -> None:
    nodes = {"n": {"type": "Number", "inputs": {"seed": "random"}}}
    (tmp_path / "flow.json").write_text(json.dumps({"nodegraph": 1, "nodes": nodes}))

    done = run("convert", "flow.json", "out.json", "--to", "api")

    assert done.code == 0
    made = json.loads((tmp_path / "out.json").read_text())
    assert type(made["n"]["inputs"]["seed"]) is int


def test_run_takes_comfyuis_files(run: Run, api: Path, drawn: Path) -> None:
    from_api = run("run", api, "--output-dir", "a", "--set", "1.value=bye", "--json")
    from_drawn = run("run", drawn, "--output-dir", "b")

    assert from_api.code == 0
    assert Path(from_api.document["outputs"][0]["path"]).read_text() == "bye"
    assert from_drawn.code == 0
    assert "SaveText is muted and left out" in from_drawn.err
    assert "muted" not in from_drawn.out


def test_validate_takes_them_too(run: Run, api: Path, drawn: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text(json.dumps({"1": {"class_type": "Odd", "inputs": {}}}))

    done = run("validate", api, drawn)
    odd = run("validate", "odd.json", "--json")

    assert done.code == 0
    assert "SaveText is muted and left out" in done.err
    assert odd.code == 4
    assert odd.error["code"] == "missing_node_type"
    assert "it is kept" in odd.err


def test_what_was_said_of_the_import_is_in_the_documents(
    run: Run, api: Path, drawn: Path, hello: Path, tmp_path: Path
) -> None:
    ran = run("run", drawn, "--output-dir", "b", "--json")
    unknown = {"1": {"class_type": "Odd", "inputs": {}}}
    (tmp_path / "odd.json").write_text(json.dumps(unknown))
    refused = run("run", "odd.json", "--json")
    checked = run("validate", drawn, api, hello, "odd.json", "--json")

    assert ran.document["from"] == "comfyui-ui"
    assert [(r["code"], r["node"], r["lost"]) for r in ran.document["remarks"]] == [
        ("muted", "3", True)
    ]
    assert refused.document["from"] == "comfyui-api"
    assert [r["node"] for r in refused.document["remarks"]] == ["1"]
    files = checked.document["files"]
    assert [one.get("from") for one in files] == ["comfyui-ui", "comfyui-api", None, "comfyui-api"]
    assert files[0]["remarks"] == ran.document["remarks"]
    assert files[1]["remarks"] == []
    assert files[3]["remarks"] == refused.document["remarks"]
    assert "remarks" not in files[2]
