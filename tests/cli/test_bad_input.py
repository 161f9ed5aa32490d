"""Everything a user can get wrong: the words, the exit code, and that nothing is left behind."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Run, Write, link

SAVE = {"type": "SaveText", "inputs": {"text": link("say")}}
SAY = {"type": "Text", "inputs": {"value": "hello"}}


def number(**inputs: Any) -> dict[str, Any]:
    """A workflow around one Number node."""
    return {"say": {"type": "Number", "inputs": inputs}, "save": SAVE}


def circle() -> dict[str, Any]:
    """Two nodes that feed each other."""
    ends = {"a": "b", "b": "a"}
    nodes = {k: {"type": "Boom", "inputs": {"text": link(v)}} for k, v in ends.items()}
    return nodes | {"save": {"type": "SaveText", "inputs": {"text": link("a")}}}


WORKFLOWS: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "unknown node type": (
        {"say": {"type": "Txt", "inputs": {}}, "save": SAVE},
        4,
        "missing_node_type",
        "node 'say': the node type 'Txt' is not installed - did you mean 'Text'?",
    ),
    "missing input": (
        {"save": {"type": "SaveText", "inputs": {}}},
        3,
        "required_input_missing",
        "node 'save', 'text': the input 'text' (str) is required",
    ),
    "unknown input": (
        number(valu=1),
        3,
        "unknown_input",
        "node 'say', 'valu': Number has no input 'valu'; it has: value, factor, upper, mode, items,"
        " seed, note - did you mean 'value'?",
    ),
    "out of range": (
        number(value=101),
        3,
        "value_bigger_than_max",
        "node 'say', 'value': 101 is above the maximum of 100",
    ),
    "wrong type": (
        number(value="7"),
        3,
        "invalid_input_type",
        "node 'say', 'value': expected int, got '7' (str)",
    ),
    "not one of the choices": (
        number(mode="fanzy"),
        3,
        "value_not_in_list",
        "node 'say', 'mode': 'fanzy' is not one of: plain, fancy - did you mean 'fancy'?",
    ),
    "link to a missing node": (
        {"say": SAY, "save": {"type": "SaveText", "inputs": {"text": link("sai")}}},
        3,
        "link_to_missing_node",
        "node 'save', 'text': linked to node 'sai', which is not there - did you mean 'say'?",
    ),
    "link to a missing output": (
        {"say": SAY, "save": {"type": "SaveText", "inputs": {"text": link("say", "string")}}},
        3,
        "link_to_missing_output",
        "node 'save', 'text': linked to 'say' (Text), which has no output 'string'; "
        "its outputs are: str - did you mean 'str'?",
    ),
    "link that names none of several outputs": (
        {
            "say": SAY,
            "halves": {"type": "Split", "inputs": {"text": link("say")}},
            "save": {"type": "SaveText", "inputs": {"text": link("halves")}},
        },
        3,
        "link_to_missing_output",
        "node 'save', 'text': linked to 'halves' (Split) without naming one of: first, second",
    ),
    "wrong wire type": (
        {"say": {"type": "MakeBlob"}, "save": SAVE},
        3,
        "type_mismatch",
        "node 'save', 'text': expected str, but 'say.blob' gives Blob",
    ),
    "cycle": (
        circle(),
        3,
        "dependency_cycle",
        "these nodes feed each other in a circle: ",
    ),
    "no effect node": (
        {"say": SAY},
        3,
        "no_outputs",
        "workflow: nothing to do: no node saves or shows a result, and no output is declared",
    ),
    "unknown model": (
        {"say": {"type": "PickModel", "inputs": {"name": "tiny-modle"}}, "save": SAVE},
        4,
        "missing_model",
        "node 'say', 'name': 'tiny-modle' is not an installed model of 'checkpoints': tiny-model"
        " - did you mean 'tiny-model'?",
    ),
    "missing input file": (
        {"say": {"type": "ReadText", "inputs": {"file": "no.txt"}}, "save": SAVE},
        3,
        "missing_input_file",
        "node 'say', 'file': there is no input file 'no.txt'",
    ),
    "newer node version": (
        {"say": SAY | {"version": 9}, "save": SAVE},
        3,
        "newer_node_version",
        "the file uses version 9 of Text, version 1 is installed",
    ),
}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_that_cannot_run_is_refused(
    run: Run, write: Write, tmp_path: Path, name: str
) -> None:
    nodes, code, problem, message = WORKFLOWS[name]
    file = write(nodes)

    told = run("run", file, "--output-dir", "out")
    counted = run("run", file, "--output-dir", "out", "--json")

    assert (told.code, told.out) == (code, "")
    assert message in told.err
    assert (counted.code, counted.document["status"]) == (code, "invalid")
    assert counted.error["code"] == problem
    nearest = message.split("'")[-2] if "did you mean" in message else None
    assert counted.error["nearest"] == nearest
    assert not (tmp_path / "out").exists()


def test_all_problems_come_at_once(run: Run, write: Write) -> None:
    nodes = number(value=-1, mode="x", wrong=1) | {"other": {"type": "SaveText", "inputs": {}}}

    done = run("run", write(nodes), "--json")

    assert {(e["node"], e["field"]) for e in done.document["errors"]} == {
        ("say", "value"),
        ("say", "mode"),
        ("say", "wrong"),
        ("other", "text"),
    }


def test_a_hundred_problems_do_not_flood_the_terminal(run: Run, write: Write) -> None:
    nodes = {f"save{i}": {"type": "SaveText", "inputs": {}} for i in range(100)}

    done = run("run", write(nodes))

    assert len(done.err.splitlines()) == 22
    assert "... and 80 more (--json lists all)" in done.err


FILES: dict[str, tuple[str, bytes | None, str]] = {
    "no such file": ("flo.json", None, "there is no file 'flo.json'"),
    "no such folder": ("no/flo.json", None, "there is no folder 'no' either"),
    "a folder": (".", None, "cannot read '.': Is a directory"),
    "empty": ("f.json", b"", "f.json is not JSON: Expecting value at line 1, column 1"),
    "not JSON": ("f.json", b'{"nodegraph": 1,', "f.json is not JSON: "),
    "not text": ("f.json", b"\x89PNG\xff\xfe", "f.json is not a JSON file (it is not text)"),
    "other JSON": ("f.json", b"[1, 2]", "f.json is not a workflow: expected an object, got list"),
    "another program's": ("f.json", b'{"a": 1}', 'it has no "nodegraph": 1; its keys are: a'),
    "newer format": ("f.json", b'{"nodegraph": 9}', "f.json has format version 9; this nodegraph"),
    "broken format": ("f.json", b'{"nodegraph": "1"}', "f.json: 'nodegraph' must be 1, got '1'"),
    "malformed": ("f.json", b'{"nodegraph": 1, "nodes": []}', "'nodes': input should be a valid d"),
    "deep": ("f.json", b"[" * 100_000, "nested too deeply"),
    "NaN": ("f.json", b'{"nodegraph": 1, "nodes": {"a": NaN}}', "numbers must be finite"),
    "no picture": ("f.png", b"not a picture", "'f.png' cannot be read as a picture"),
    "no such picture": ("g.png", None, "there is no file 'g.png'"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_workflow_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    file, content, message = FILES[name]
    if content is not None:
        (tmp_path / file).write_bytes(content)

    told = run("run", file)
    counted = run("run", file, "--json")

    assert (told.code, told.out) == (3, "")
    assert message in told.err
    assert "Traceback" not in told.err
    assert (counted.code, counted.document["status"]) == (3, "invalid")
    assert message in counted.error["message"] or counted.error["field"] == "nodes"


def test_the_nearest_file_is_offered(run: Run, hello: Path) -> None:
    assert "did you mean 'flow.json'?" in run("run", "flwo.json").err


def test_an_output_folder_that_cannot_be_made_is_found_before_the_run(
    run: Run, hello: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    told = run("run", hello, "--output-dir", "file/out")
    counted = run("run", hello, "--output-dir", "file/out", "--json")

    assert (told.code, told.out) == (1, "")
    where = f"the output folder '{tmp_path}/file/out' cannot be made: a file is in its way"
    assert where in told.err
    assert where.replace("/out", "") in run("run", hello, "--output-dir", "file").err
    assert "Text" not in told.err
    assert (counted.document["status"], counted.error["code"]) == ("failed", "output_not_written")
    assert (tmp_path / "file").read_bytes() == b""


def test_a_full_disk_leaves_nothing_half_written(run: Run, write: Write, tmp_path: Path) -> None:
    nodes = {"say": SAY, "save": {"type": "FullDisk", "inputs": {"text": link("say")}}}

    told = run("run", write(nodes), "--output-dir", "out")

    assert told.code == 1
    assert "node 'save' (FullDisk): the disk is full: nothing was written to" in told.err
    assert [*(tmp_path / "out").iterdir()] == []


def test_a_node_that_raises_is_named_and_its_traceback_is_in_a_log_file(
    run: Run, write: Write, tmp_path: Path
) -> None:
    nodes = {
        "spark": SAY,
        "bang": {"type": "Boom", "inputs": {"text": link("spark")}},
        "save": {"type": "SaveText", "inputs": {"text": link("bang")}},
        "other": {"type": "SaveText", "inputs": {"text": link("spark"), "name": "other"}},
    }
    file = write(nodes)

    told = run("run", file, "--output-dir", "out")
    counted = run("run", file, "--output-dir", "out", "--json")

    assert told.code == counted.code == 1
    assert "error: node 'bang' (Boom): RuntimeError: the fuse of hello blew" in told.err
    assert "Traceback" not in told.err
    assert "  failed: bang\n" in told.out
    assert "  skipped, needing what did not succeed: save\n" in told.out
    assert counted.document["status"] == "failed"
    assert (counted.error["code"], counted.error["node"]) == ("node_failed", "bang")
    assert counted.document["nodes"]["save"]["status"] == "skipped"
    assert counted.document["nodes"]["other"]["status"] in ("ran", "reused")
    log = Path(counted.error["log"])
    assert log.is_relative_to(tmp_path / "data" / "logs")
    assert "in boom" in log.read_text()


def test_a_node_that_refuses_its_input_is_quoted(run: Run, write: Write) -> None:
    nodes = {
        "say": SAY,
        "no": {"type": "Refuse", "inputs": {"text": link("say")}},
        "save": {"type": "SaveText", "inputs": {"text": link("no")}},
    }

    done = run("run", write(nodes))

    assert done.code == 1
    assert "error: node 'no' (Refuse): 'hello' is no good; try another\n" in done.err


def test_control_characters_of_a_file_do_not_reach_the_terminal(run: Run, write: Write) -> None:
    nodes = {"\x1b[2Jsay": {"type": "Te\x07xt"}, "save": SAVE}

    done = run("run", write(nodes), "--only", "\x1b[2Jsay")

    assert r"\x1b[2Jsay" in done.err
    assert "\x1b" not in done.err
    assert "\x07" not in done.err


def test_json_of_an_invalid_workflow_has_the_shape_of_a_run(run: Run, write: Write) -> None:
    done = run("run", write(number(value=101)), "--json")

    assert done.document == {
        "status": "invalid",
        "seconds": 0.0,
        "outputs": [],
        "nodes": {},
        "errors": [
            {
                "node": "say",
                "field": "value",
                "code": "value_bigger_than_max",
                "message": "101 is above the maximum of 100",
                "expected": "<= 100",
                "got": "101",
                "nearest": None,
            }
        ],
    }
    assert json.dumps(done.document, indent=1) + "\n" == done.out
