"""Models, input files and results on disk, as nodes see them."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from nodegraph.engine.contents import Contents
from nodegraph.engine.events import Output
from nodegraph.engine.known_inputs import KnownInput
from nodegraph.engine.model_folders import folders_of, kind_of_folder
from nodegraph.engine.naming import NameContext, resolve_pattern
from nodegraph.errors import MissingModel, NodeError, OutputError, nearest

__all__ = ["Files", "NodeFiles", "write_new"]

MODEL_SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")


@dataclass
class Files:
    """The folders of one engine.

    Attributes:
        data: the data directory; `models/<kind>/` in it is searched first.
        output_dir: where results go.
        input_dirs: where input files are looked up by name.
        model_dirs: more folders that hold `<kind>/...`; only read.
        builtin: models that come with node packs: kind -> name -> path.
        any_path: whether an input may also be any path of the machine (the command line), or
            only a name inside `input_dirs` (the server).
        known_inputs: what input files held when a result was made, by name: where a name leads
            nowhere or to another content, the file with that content is taken.
        contents: what files were found to hold, which several may share.
    """

    data: Path
    output_dir: Path
    input_dirs: Sequence[Path] = ()
    model_dirs: Sequence[Path] = ()
    builtin: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    any_path: bool = True
    known_inputs: Mapping[str, KnownInput] = field(default_factory=dict)
    contents: Contents = field(default_factory=Contents)
    _found: dict[str, Path | None] = field(default_factory=dict)

    def models(self, kind: str) -> list[str]:
        """The names of the models of a kind, sorted; folders count as one model."""
        return sorted(self._models(kind))

    def model(self, kind: str, name: str) -> Path:
        """Where a model is.

        Raises:
            MissingModel: listing those that are present, and the nearest name.
        """
        found = self._models(kind)
        if name in found:
            return found[name]
        close = nearest(name, [*found])
        hint = f"; did you mean '{close}'?" if close else ""
        listed = ", ".join(sorted(found)) or "(none)"
        raise MissingModel(f"there is no model '{name}' of kind '{kind}'; present: {listed}{hint}")

    def model_kinds(self) -> list[str]:
        """Every kind of which a folder exists."""
        kinds = set(self.builtin)
        for folder in self._model_roots():
            if folder.is_dir():
                kinds.update(kind_of_folder(p.name) for p in folder.iterdir() if p.is_dir())
        return sorted(kinds)

    def has_input(self, name: str) -> bool:
        """Whether there is an input file of that name."""
        return self._find_input(name) is not None

    def input(self, name: str) -> Path:
        """Where an input file is.

        Raises:
            NodeError: when there is none.
        """
        found = self._find_input(name)
        if found is None:
            places = ", ".join(str(p) for p in self.input_dirs) or "no input folder is set"
            raise NodeError(f"there is no input file '{name}' (looked in: {places})")
        return found

    def digest(self, path: Path) -> str:
        """The digest of a file's or folder's content: see `Contents.digest`."""
        return self.contents.digest(path)

    def check_output_dir(self) -> None:
        """Find out before a long run, not after it, that results cannot be written.

        Raises:
            OutputError: the output folder cannot be made or written.
        """
        probe = self.output_dir / f".{secrets.token_hex(4)}.tmp"
        try:
            self.output_dir.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise OutputError(_explain(error, self.output_dir)) from error

    def _model_roots(self) -> list[Path]:
        return [self.data / "models", *self.model_dirs]

    def _models(self, kind: str) -> dict[str, Path]:
        found: dict[str, Path] = dict(self.builtin.get(kind, {}))
        for root in reversed(self._model_roots()):
            for folder in reversed(folders_of(kind)):
                found.update(_scan(root / folder))
        return found

    def replaced_input(self, name: str) -> Path | None:
        """The file of that name, if it is not what it was and that is nowhere to be found."""
        known, found = self.known_inputs.get(name), self._find_input(name)
        return found if known is not None and found is not None and not known.is_in(found) else None

    def _find_input(self, name: str) -> Path | None:
        known = self.known_inputs.get(name)
        if known is None:
            return self._named_input(name)
        if name not in self._found:
            found = self._named_input(name)
            if found is None or not known.is_in(found):
                found = known.find(self.data, self.input_dirs) or found
            self._found[name] = found
        return self._found[name]

    def _named_input(self, name: str) -> Path | None:
        try:
            return self._input_path(name) if name else None
        except (OSError, RuntimeError, ValueError):
            return None  # what no file can be called: too long, with a zero, of no user's home

    def _input_path(self, name: str) -> Path | None:
        for folder in self.input_dirs:
            path = (folder / name).resolve()
            if path.is_relative_to(folder.resolve()) and path.is_file():
                return path
        path = Path(name).expanduser()
        return path.resolve() if self.any_path and path.is_file() else None


def _scan(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    stack = [(folder, frozenset({folder.resolve()}))] if folder.is_dir() else []
    while stack:
        current, above = stack.pop()
        for path in _listed(current):
            name = path.relative_to(folder).as_posix()
            if path.is_dir():
                if (path / "model_index.json").exists() or (path / "config.json").exists():
                    found[name] = path
                elif (real := path.resolve()) not in above:  # a link may lead in circles
                    stack.append((path, above | {real}))
            elif path.suffix.lower() in MODEL_SUFFIXES:
                found[name] = path
    return found


def _listed(folder: Path) -> list[Path]:
    """What is in a folder; nothing if it cannot be read."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def write_new(target: Callable[[int], Path], write: Callable[[BinaryIO], Any]) -> Path:
    """Write a file that was not there before: all of it or none.

    Args:
        target: the path to try for attempt 0, 1, 2, ...; the first one that is free is taken.
        write: writes the content to a stream.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.
    """
    first = target(0)
    temporary = first.with_name(f".{first.name}.{secrets.token_hex(4)}.tmp")
    try:
        first.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        attempt = 0
        while True:
            path = target(attempt)
            path.parent.mkdir(parents=True, exist_ok=True)
            if _claim(temporary, path):
                return path
            attempt += 1
    except OSError as error:
        raise OutputError(_explain(error, first.parent)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _claim(temporary: Path, path: Path) -> bool:
    """Give the file its name unless the name is taken; a hard link cannot overwrite."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        if path.exists():
            return False
        os.rename(temporary, path)
    return True


def _explain(error: OSError, folder: Path) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk is full: nothing was written to '{folder}'; free some space and run again"
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"the output folder '{folder}' cannot be made: a file is in its way"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"the output folder '{folder}' cannot be written: {error.strerror}"
    return f"cannot write to '{folder}': {error.strerror or error}"


class NodeFiles:
    """`ctx.files`: the run's folders, and saving under the name of one node."""

    def __init__(
        self,
        files: Files,
        node: str,
        *,
        metadata: Mapping[str, str] | None = None,
        names: NameContext | None = None,
        on_output: Callable[[Output], None] | None = None,
    ) -> None:
        self._files, self._node = files, node
        self._names = names or NameContext()
        self._on_output = on_output
        self.metadata: Mapping[str, str] = metadata or {}
        self.models = files.models
        self.model = files.model
        self.input = files.input
        self.digest = files.digest

    @property
    def output_dir(self) -> Path:
        return self._files.output_dir

    def save(
        self,
        pattern: str,
        suffix: str,
        write: Callable[[BinaryIO], Any],
        *,
        type: str = "image",
        name: str = "images",
        temporary: bool = False,
    ) -> Path:
        """Write a result whole or not at all, under a name that was free, and report it.

        Args:
            pattern: a file name, possibly with folders, `{counter}`, `{date}`, `{time}` and
                node values such as `{sample.seed}`; a counter is added if it has none.
            suffix: the extension, such as `.png`.
            write: writes the content to a binary stream.
            type: what it is: `image`, `latent`, `text`, ...
            name: the name of this output of the node.
            temporary: a preview, kept apart from results.

        Raises:
            NodeError: for a pattern that names an unknown value or leaves the output folder.
            OutputError: when it cannot be written.
        """
        root = self._files.output_dir / "temp" if temporary else self._files.output_dir
        named = resolve_pattern(pattern, suffix, root, self._names)
        path = write_new(named, write)
        made_for = str(self._files.output_dir.resolve())
        self._report(Output(self._node, name, type, str(path), None, temporary, made_for))
        return path

    def show(self, text: str, *, name: str = "text") -> None:
        """Report a text as an output of the node."""
        self._report(Output(self._node, name, "text", text=text, temporary=True))

    def _report(self, output: Output) -> None:
        if self._on_output is not None:
            self._on_output(output)
