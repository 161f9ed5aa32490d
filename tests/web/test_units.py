"""The tests of the editor's own plain modules, which Vitest runs."""

import subprocess

import pytest

from build_editor import install
from tests.web.conftest import WEB, tools


@pytest.mark.slow
def test_vitest_passes() -> None:
    with tools():
        node = install(WEB)

    done = subprocess.run(
        (*node.npm, "test", "--silent", "--", "--reporter=dot"),
        cwd=WEB,
        env={**node.environment(), "CI": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "Tests" in done.stdout
