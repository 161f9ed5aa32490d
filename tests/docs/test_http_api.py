"""The commands of docs/http-api.md, run as they stand against a server with the built-in model."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_docs import ROOT, blocks
from tests.server.processes import serving

PAGE = ROOT / "docs" / "http-api.md"
SHOWN = "http://127.0.0.1:8188"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_commands_work(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert SHOWN in page
    commands = "\n".join(block for _, block in blocks(PAGE, "bash"))
    (tmp_path / "workflows").symlink_to(ROOT / "workflows")
    with serving(tmp_path / "data", "--pack", "nodes") as server:
        script = commands.replace(SHOWN, server.url.rstrip("/")).replace("python3", sys.executable)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "small.webp").read_bytes()[8:12] == b"WEBP"
    assert json.loads((tmp_path / "job.json").read_text())["status"] == "succeeded"
    assert "event: snapshot" in done.stdout
