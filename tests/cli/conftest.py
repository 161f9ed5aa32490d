"""Running commands: in this process, and in one of their own where signals and pipes matter."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nodegraph.cli.app import main
from nodegraph.cli.shell import OpenSession
from tests.cli.command import Outcome, Run, Start, Write, link
from tests.cli.tiny import open_tiny

ROOT = Path(__file__).resolve().parents[2]
DRIVER = [sys.executable, "-m", "tests.cli.driver"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, in an empty working directory with a data directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NODEGRAPH_DATA", str(tmp_path / "data"))

    def call(*words: str | Path, open_session: OpenSession = open_tiny) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words], open_session=open_session)
        return Outcome(code, *capsys.readouterr())

    return call


def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a child process."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "NODEGRAPH_DATA": str(tmp_path / "data")}


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a command as a process of its own; options go to `subprocess.Popen`."""

    def call(
        *words: str | Path, command: Sequence[str] = DRIVER, **options: Any
    ) -> subprocess.Popen[str]:
        given: dict[str, Any] = {
            "cwd": tmp_path,
            "env": environment(tmp_path) | options.pop("more_env", {}),
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }
        return subprocess.Popen([*command, *map(str, words)], **(given | options))

    return call


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a workflow of the given nodes; fields of the file go in as keywords."""

    def call(nodes: dict[str, Any], *, to: str = "flow.json", **fields: Any) -> Path:
        path = tmp_path / to
        path.write_text(json.dumps({"nodegraph": 1, **fields, "nodes": nodes}))
        return path

    return call


@pytest.fixture
def hello(write: Write) -> Path:
    """A workflow that works: it saves a text, a declared input."""
    nodes = {
        "say": {"type": "Text", "inputs": {"value": "hello"}},
        "save": {"type": "SaveText", "inputs": {"text": link("say")}},
    }
    return write(nodes, inputs={"words": {"node": "say", "input": "value"}})
