"""Which part of the code may import which.

Inside `nodegraph`: errors <- graph <- engine <- formats, plugins <- session <- api <- jobs <-
server <- cli, where `api` is `nodegraph/__init__.py`, the names that authors of nodes may use.
`nodes` imports only those names, and `nodes.diffusion` only itself.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HEAVY", "ROOMS", "Import", "imports_of", "public_names", "violations"]

_ENGINE = frozenset({"errors", "graph", "engine"})
_SESSION = _ENGINE | {"formats", "plugins", "session"}
_JOBS = _SESSION | {"api", "jobs"}

ROOMS: dict[str, frozenset[str]] = {
    "errors": frozenset({"errors"}),
    "graph": frozenset({"errors", "graph"}),
    "engine": _ENGINE,
    "formats": _ENGINE | {"formats"},
    "plugins": _ENGINE | {"plugins"},
    "session": _SESSION,
    "api": _SESSION | {"api"},
    "jobs": _JOBS,
    "server": _JOBS | {"server"},
    "cli": _JOBS | {"server", "cli"},
}
"""For each part of `nodegraph`, the parts it may import."""

_MODULES = {
    "__init__": "api",
    "__main__": "cli",
    "provenance": "session",
    "result": "session",
}
"""The modules of `nodegraph` that lie beside its folders and are not named for their part."""

HEAVY = frozenset({"accelerate", "diffusers", "peft", "torch", "transformers"})
"""What `nodegraph` never imports: it costs seconds, and the engine knows nothing of images."""


@dataclass(frozen=True)
class Import:
    """One imported module, or one name imported from a module."""

    file: str
    line: int
    module: str
    name: str | None = None

    def __str__(self) -> str:
        what = f"from {self.module} import {self.name}" if self.name else f"import {self.module}"
        return f"{self.file}:{self.line} {what}"


def violations(root: Path) -> list[str]:
    """One line for each import below `root` that goes against the directions."""
    found: list[str] = []
    public = public_names(root / "nodegraph" / "__init__.py")
    outside = {path.stem for path in (root / "scripts").glob("*")} | {"tests", "scripts"}
    for path in sorted([*root.glob("nodegraph/**/*.py"), *root.glob("nodes/**/*.py")]):
        file = path.relative_to(root)
        if file.parts[0] == "nodegraph" and _room(file) not in ROOMS:
            found.append(f"{file}: no part of nodegraph is called {_room(file)}; see ROOMS")
            continue
        for item in imports_of(path, root):
            if item.module.partition(".")[0] in outside:
                found.append(f"{item}: is not part of the package")
            elif complaint := _complaint(file, item, root, public):
                found.append(f"{item}: {complaint}")
    return found


def imports_of(path: Path, root: Path) -> Iterator[Import]:
    """Every import in a file, those inside functions and `if TYPE_CHECKING` too, made absolute."""
    name = path.relative_to(root).as_posix()
    package = path.relative_to(root).parent.parts
    for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"), name)):
        if isinstance(item, ast.Import):
            yield from (Import(name, item.lineno, alias.name) for alias in item.names)
        elif isinstance(item, ast.ImportFrom):
            base = package[: len(package) - item.level + 1] if item.level else ()
            module = ".".join([*base, *([item.module] if item.module else [])])
            yield from (Import(name, item.lineno, module, alias.name) for alias in item.names)


def public_names(init: Path) -> frozenset[str]:
    """The strings of `__all__` in a module."""
    for item in ast.parse(init.read_text(encoding="utf-8")).body:
        if isinstance(item, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in item.targets
        ):
            return frozenset(ast.literal_eval(item.value))
    raise ValueError(f"{init} declares no __all__")


def _complaint(file: Path, item: Import, root: Path, public: frozenset[str]) -> str | None:
    top = item.module.partition(".")[0]
    if file.parts[0] == "nodegraph":
        return _in_engine(_room(file), _target(item, root), top)
    if file.parts[:2] == ("nodes", "diffusion"):
        own = _target(item, root)[:2] == ("nodes", "diffusion")
        return "nodes.diffusion imports only itself" if top in _OURS and not own else None
    if item.module == "nodegraph":
        ok = item.name is None or item.name in public
        return None if ok else "not in nodegraph.__all__"
    return "nodes imports only names of nodegraph itself" if top == "nodegraph" else None


_OURS = frozenset({"nodegraph", "nodes"})


def _in_engine(room: str, target: tuple[str, ...], top: str) -> str | None:
    if top in HEAVY:
        return "nodegraph imports nothing this heavy"
    if top == "nodes":
        return None if room == "cli" else "only the command line joins engine and node packs"
    if top == "nodegraph":
        wanted = _MODULES.get(target[1], target[1]) if len(target) > 1 else "api"
        return None if wanted in ROOMS[room] else f"{room} may not import {wanted}"
    return None


def _room(file: Path) -> str:
    part = Path(file.parts[1]).stem
    return _MODULES.get(part, part)


def _target(item: Import, root: Path) -> tuple[str, ...]:
    parts = tuple(item.module.split("."))
    if item.name is None:
        return parts
    inner = root.joinpath(*parts, item.name)
    return (*parts, item.name) if inner.is_dir() or inner.with_suffix(".py").is_file() else parts
