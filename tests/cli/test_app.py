"""The frame around every command: words, help, exit codes, what nobody expected."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import nodegraph
from nodegraph import DeclarationError, Session
from tests.cli.command import Run, Start


def broken(data: Path, models: Sequence[Path]) -> Session:
    raise ZeroDivisionError("nobody saw this coming")


def clashing(data: Path, models: Sequence[Path]) -> Session:
    raise DeclarationError("pack 'b': node name 'Text' is declared twice")


def interrupted(data: Path, models: Sequence[Path]) -> Session:
    raise KeyboardInterrupt


def test_help_lists_the_commands_and_exit_codes(run: Run) -> None:
    asked, nothing = run("--help"), run()

    assert asked.code == nothing.code == 0
    assert asked.out == nothing.out
    for word in ("run", "validate", "nodes", "models", "doctor", "130  interrupted"):
        assert f"  {word}" in asked.out


def test_the_version_is_said(run: Run) -> None:
    assert run("--version").out == f"nodegraph {nodegraph.__version__}\n"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["rnu"], "No such command 'rnu'. Did you mean 'run'?", "try 'nodegraph --help'"),
        (["run"], "Missing argument 'FILE'.", "try 'nodegraph run --help'"),
        (["run", "f", "--sett", "a=1"], "No such option: --sett", "try 'nodegraph run --help'"),
        (["run", "f", "--set"], "Option '--set' requires an argument.", "try 'nodegraph --help'"),
        (["validate"], "Missing argument 'FILE...'.", "try 'nodegraph validate --help'"),
    ],
)
def test_misspelt_commands_are_wrong_usage(
    run: Run, words: list[str], message: str, hint: str
) -> None:
    told = run(*words)

    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"error: {message}")
    assert hint in told.err


def test_wrong_usage_is_told_in_json_too(run: Run) -> None:
    done = run("run", "--json")

    assert done.code == 2
    assert (done.document["status"], done.error["code"]) == ("invalid", "wrong_usage")


@pytest.mark.parametrize("command", [["run", "flow.json"], ["nodes"], ["validate", "flow.json"]])
def test_the_unexpected_is_one_line_and_a_log_file(
    run: Run, hello: Path, tmp_path: Path, command: list[str]
) -> None:
    told = run(*command, open_session=broken)
    counted = run(*command, "--json", open_session=broken)

    assert told.code == counted.code == 1
    assert told.out == ""
    (line,) = told.err.splitlines()
    (log,) = (tmp_path / "data" / "logs").iterdir()
    assert "something unexpected went wrong: ZeroDivisionError: nobody saw this coming" in line
    assert line.endswith(f"; the details are in {log}")
    assert "in broken" in log.read_text()
    assert (counted.document["status"], counted.error["log"]) == ("failed", str(log))


def test_the_unexpected_is_told_even_if_no_log_can_be_written(
    run: Run, hello: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").touch()

    done = run("nodes", "--json", open_session=broken)

    assert done.code == 1
    assert done.error["log"] is None
    assert "ZeroDivisionError" in done.error["message"]


def test_packs_that_clash_are_named(run: Run, hello: Path) -> None:
    done = run("run", hello, open_session=clashing)

    assert done.code == 1
    assert done.err == "error: pack 'b': node name 'Text' is declared twice\n"


def test_ctrl_c_outside_of_a_run_is_130(run: Run) -> None:
    done = run("nodes", "--json", open_session=interrupted)

    assert (done.code, done.document["status"]) == (130, "canceled")
    assert done.err == "error: interrupted\n"


def test_words_are_answered_without_loading_what_does_the_work() -> None:
    code = (
        "import sys; from nodegraph.cli.app import main\n"
        "codes = [main(w.split()) for w in ('--help', 'run --help', '--version', 'run', 'rn')]\n"
        "loaded = {'torch', 'diffusers', 'nodes', 'nodegraph.cli.run'} & {*sys.modules}\n"
        "print(codes, loaded)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 2, 2] set()"


def test_python_m_nodegraph_is_the_command(start: Start) -> None:
    process = start("--version", command=[sys.executable, "-m", "nodegraph"])

    assert process.communicate()[0] == f"nodegraph {nodegraph.__version__}\n"
    assert process.returncode == 0
