"""What the editor's own linters do not check.

Lengths of files, that no node is known by name, and that packages are locked for every system.
The length of functions is Biome's to check (`noExcessiveLinesPerFunction`).
"""

import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from checks.sizes import Size, Sizes

__all__ = ["LANGUAGE", "incomplete_lock", "known_nodes", "measure_web", "node_names"]

LANGUAGE = frozenset({"Subgraph"})
"""Node types that are part of the language: the editor may know them."""
_CODE = (".ts", ".tsx", ".css")


def measure_web(root: Path, folder: str) -> Sizes:
    """The number of lines of each script and style sheet in `root / folder`."""
    files = (Size(name, len(text.splitlines())) for name, text in _files(root, folder))
    return Sizes(folder, tuple(files), ())


def node_names() -> frozenset[str]:
    """The names of all node types that are installed."""
    command = [sys.executable, "-m", "nodegraph", "nodes", "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return frozenset(entry["name"] for entry in json.loads(told)["nodes"])


def known_nodes(root: Path, folder: str, names: Collection[str]) -> list[str]:
    """One line for each place where the code in `root / folder` names a node type.

    A name that is one plain word (`Switch`) counts where it stands in quotes, any other
    (`KSampler`) wherever it stands.
    """
    wanted = {name for name in names if name not in LANGUAGE}
    quoted = re.compile(r"""(?<=["'`])\w+(?=["'`])""")
    words = re.compile(r"\w+")
    odd = {name for name in wanted if not re.fullmatch("[A-Z][a-z]+", name)}
    found: list[str] = []
    for name, text in _files(root, folder):
        for number, line in enumerate(text.splitlines(), 1):
            known = (set(quoted.findall(line)) & wanted) | (set(words.findall(line)) & odd)
            found += [f"{name}:{number} knows the node type {one}" for one in sorted(known)]
    return found


def incomplete_lock(lock: Path) -> list[str]:
    """One line for each package that has parts for other systems which are not locked.

    npm leaves them out where its registry does not have them, and then refuses to install.
    """
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    names = {place.rpartition("node_modules/")[2] for place in packages}
    return [
        f"{lock.name}: {place} needs {part}, which is not locked"
        for place, entry in packages.items()
        for part in entry.get("optionalDependencies", ())
        if part not in names
    ]


def _files(root: Path, folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((root / folder).rglob("*")):
        if path.suffix in _CODE:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
