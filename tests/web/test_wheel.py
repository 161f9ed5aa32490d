"""The wheel holds the editor, and serves it where there is no Node."""

import os
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

import pytest

from tests.server.processes import ROOT, serving

pytestmark = pytest.mark.slow

BUILD = "import sys, build_backend; print(build_backend.build_{}(sys.argv[1]))"


def pack(kind: str, source: Path, to: Path, **environment: str) -> Path:
    """A wheel or source distribution, built as pip does it, in the environment of the tests."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(kind), str(to)],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(source / "scripts"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return to / done.stdout.split()[-1]


def installed(wheel: Path, folder: Path) -> Path:
    words = ("install", "--no-deps", "--no-index", "--no-compile", "--quiet", "--target")
    subprocess.run([sys.executable, "-m", "pip", *words, str(folder), str(wheel)], check=True)
    return folder


def fetched(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture
def without_node(tmp_path: Path) -> str:
    """A PATH on which there is nothing."""
    (tmp_path / "nothing").mkdir()
    return str(tmp_path / "nothing")


def test_a_wheel_serves_the_editor_without_node(
    built: Path, tmp_path: Path, without_node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = pack("sdist", ROOT, tmp_path)
    with tarfile.open(sources) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / sources.name.removesuffix(".tar.gz")
    wheel = pack("wheel", unpacked, tmp_path, PATH=without_node)
    place = installed(wheel, tmp_path / "installed")
    monkeypatch.setenv("PATH", without_node)

    with serving(tmp_path / "data", pack=None, path=place, cwd=tmp_path) as server:
        page = fetched(server.url)
        script = page.split('type="module"')[1].split('src="./')[1].split('"')[0]
        code = fetched(server.url + script)

    assert page == (built / "index.html").read_text(encoding="utf-8")
    assert code == (built / script).read_text(encoding="utf-8")
    assert (place / "nodegraph" / "server" / "static" / script).is_file()
    german = Path("nodes", "locales", "de.json")
    assert (place / german).read_bytes() == (ROOT / german).read_bytes()


def test_a_wheel_without_the_editor_says_so(
    tmp_path: Path, without_node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    leave = shutil.ignore_patterns("node_modules", "dist", ".dist-*", ".git", ".venv", "models")
    shutil.copytree(ROOT, source, ignore=leave)
    wheel = pack("wheel", source, tmp_path, PATH=without_node, NODEGRAPH_WITHOUT_EDITOR="1")
    place = installed(wheel, tmp_path / "installed")

    with serving(tmp_path / "data", pack=None, path=place, cwd=tmp_path) as server:
        page = fetched(server.url)

    assert "not part of this installation" in page


def test_a_wheel_that_cannot_have_the_editor_says_what_to_do(
    tmp_path: Path, without_node: str
) -> None:
    source = tmp_path / "source"
    leave = shutil.ignore_patterns("node_modules", "dist", ".dist-*", ".git", ".venv", "models")
    shutil.copytree(ROOT, source, ignore=leave)

    with pytest.raises(AssertionError, match=r"(?s)needs Node.*NODEGRAPH_WITHOUT_EDITOR=1"):
        pack("wheel", source, tmp_path, PATH=without_node)
