"""`nodegraph validate`."""

from pathlib import Path
from typing import Any

import pytest

from nodegraph.plugins.loader import Pack
from tests.cli.command import Run, Write, link
from tests.cli.tiny import PACK, open_tiny

MISSING_MODEL = {"m": {"type": "PickModel", "inputs": {"name": "no"}}}
INVALID = {"n": {"type": "Number", "inputs": {"value": "x", "mode": "y"}}}


def shown(node: str, nodes: dict[str, Any]) -> dict[str, Any]:
    """The nodes, and one that shows what `node` makes."""
    return nodes | {"end": {"type": "ShowText", "inputs": {"text": link(node)}}}


def test_a_valid_file_is_ok(run: Run, hello: Path) -> None:
    told, counted = run("validate", hello), run("validate", hello, "--json")

    assert (told.code, told.out) == (0, f"{hello}: ok, 2 nodes\n")
    assert counted.document == {
        "status": "valid",
        "files": [{"file": str(hello), "status": "valid", "errors": []}],
        "errors": [],
    }


def test_every_problem_of_every_node_is_found(run: Run, write: Write, hello: Path) -> None:
    file = write(shown("n", INVALID) | MISSING_MODEL, to="bad.json")

    told, counted = run("validate", hello, file), run("validate", hello, file, "--json")

    assert told.code == counted.code == 3
    assert told.out.splitlines()[0] == f"{hello}: ok, 2 nodes"
    assert "  node 'n', 'value': expected int, got 'x' (str)" in told.out.splitlines()
    assert counted.document["status"] == "invalid"
    assert [f["status"] for f in counted.document["files"]] == ["valid", "invalid"]
    assert {(e["file"], e["node"], e["code"]) for e in counted.document["errors"]} == {
        (str(file), "n", "invalid_input_type"),
        (str(file), "n", "value_not_in_list"),
        (str(file), "m", "missing_model"),
    }


def test_what_only_lacks_a_model_is_missing_not_invalid(run: Run, write: Write) -> None:
    file = write(shown("m", MISSING_MODEL))

    done = run("validate", file, "--json")

    assert done.code == 4
    assert done.document["status"] == done.document["files"][0]["status"] == "missing"


def test_the_worst_file_decides(run: Run, write: Write) -> None:
    missing = write(shown("m", MISSING_MODEL), to="missing.json")
    invalid = write(shown("n", INVALID), to="invalid.json")

    assert run("validate", missing, invalid).code == 3
    assert run("validate", invalid, missing).code == 3


def test_a_file_that_cannot_be_read_does_not_hide_the_others(run: Run, hello: Path) -> None:
    done = run("validate", "no.txt", hello)

    assert done.code == 3
    assert done.out == f"there is no file 'no.txt'\n{hello}: ok, 2 nodes\n"


def test_a_model_folder_given_is_searched(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "more" / "checkpoints").mkdir(parents=True)
    (tmp_path / "more" / "checkpoints" / "no.safetensors").touch()
    file = write(shown("m", {"m": {"type": "PickModel", "inputs": {"name": "no.safetensors"}}}))

    assert run("validate", file).code == 4
    assert run("validate", file, "--models", "more").code == 0


@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_disabled_pack_is_named_when_a_node_type_is_missing(
    run: Run, write: Write, command: str
) -> None:
    bad = Pack("extra", "extra", "1.0", error="ImportError: no module named 'cv2'")
    file = write({"x": {"type": "Canny"}})

    done = run(command, file, open_session=lambda d, m: open_tiny(d, m, (PACK, bad)))

    assert done.code == 4
    assert "note: the node pack 'extra' is disabled: ImportError: no module named 'cv2'" in done.err
