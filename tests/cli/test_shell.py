"""Streams: what goes where, who may print, and readers that leave or cannot read everything."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from nodegraph.cli.shell import printable, shown
from tests.cli.command import Run, Start, Write, link


def chatting() -> dict[str, object]:
    """A workflow around a node that prints."""
    return {
        "say": {"type": "Chatty", "inputs": {"text": "hello"}},
        "save": {"type": "SaveText", "inputs": {"text": link("say")}},
    }


@pytest.mark.parametrize("mode", ["--json", "--explain"])
def test_what_nodes_print_never_reaches_stdout(start: Start, write: Write, mode: str) -> None:
    out, err = start("run", write(chatting()), mode).communicate(timeout=60)

    for way in ("printed by Python", "written to descriptor 1", "printed by a child"):
        assert way in err
        assert way not in out
    if mode == "--json":
        assert json.loads(out)["status"] == "succeeded"


def test_what_nodes_print_stays_off_stdout_in_this_process(run: Run, write: Write) -> None:
    done = run("run", write(chatting()), "--json")

    assert done.document["status"] == "succeeded"
    assert "printed by Python" in done.err


@pytest.mark.parametrize("words", [["nodes"], ["nodes", "--json"], ["--help"]])
def test_a_reader_that_leaves_is_no_error(start: Start, words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    process = start(*words, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")


def test_a_reader_of_stderr_that_leaves_does_not_stop_the_run(
    start: Start, hello: Path, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    process = start("run", hello, "--output-dir", "out", stderr=writer)
    os.close(writer)
    out, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "saved out/text_00001.txt" in out


def test_closed_streams_are_no_error(hello: Path, start: Start, tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m tests.cli.driver run '{hello}' --output-dir out >&- 2>&-"

    process = start(command=["sh", "-c", command])
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert (tmp_path / "out" / "text_00001.txt").exists()


@pytest.mark.parametrize("words", [["--explain"], ["--json"]])
def test_a_terminal_that_knows_ascii_only_survives(
    start: Start, hello: Path, words: list[str]
) -> None:
    name = "save.name=caf\u00e9 \u8336"

    process = start("run", hello, "--set", name, *words, more_env={"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Error" not in err
    assert out.isascii()
    if words == ["--json"]:
        assert json.loads(out)["outputs"][0]["path"].endswith("caf\u00e9 \u8336_00001.txt")
    else:
        assert r"caf\xe9 \u8336_00001.txt" in out


def on_a_terminal(start: Start, *words: str | Path, **more_env: str) -> tuple[str, str]:
    """Stdout, and what a command writes to stderr when that is a terminal."""
    ours, theirs = pty.openpty()
    process = start(*words, stderr=theirs, more_env={"TERM": "xterm", "COLUMNS": "80"} | more_env)
    os.close(theirs)
    seen = b""
    try:
        while block := os.read(ours, 4096):
            seen += block
    except OSError:
        pass  # how Linux says that the other end is closed
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    return out, seen.decode()


def test_a_terminal_gets_bars_and_colours(start: Start, write: Write) -> None:
    steps = {"type": "Slow", "inputs": {"steps": 40, "seconds": 0.02}}
    nodes = {"long": steps, "end": {"type": "Boom", "inputs": {"text": link("long")}}}

    out, seen = on_a_terminal(start, "run", write(nodes), "--only", "end")

    assert "long (Slow)" in seen
    assert "/40" in seen
    assert "nodes" in seen
    assert "\x1b[1;31merror: \x1b[0m" in seen
    assert "\x1b" not in out


def test_no_color_is_respected(start: Start) -> None:
    _, seen = on_a_terminal(start, "run", "no.json", NO_COLOR="1")

    assert seen == "\x1b[1merror: \x1b[0mthere is no file 'no.json'\r\n"


def test_paths_below_the_working_directory_are_shown_relative_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert shown(tmp_path / "a" / "b") == "a/b"
    assert shown("/elsewhere/b") == "/elsewhere/b"


def test_paths_are_shown_in_full_when_the_working_directory_is_gone(
    tmp_path: Path,
) -> None:
    code = (
        "import os; from nodegraph.cli.shell import shown\n"
        "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); print(shown('/a/b'))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout == "/a/b\n"


def test_control_characters_are_written_out() -> None:
    assert printable("a\x1b[2J\x00\x9bé\n\tb") == "a\\x1b[2J\\x00\\x9bé\n\tb"
