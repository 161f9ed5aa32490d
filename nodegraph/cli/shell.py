"""The two streams of a command: results on stdout, and nothing else; talk on stderr."""

from __future__ import annotations

import ctypes
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from nodegraph.session import Session, default_data_dir

__all__ = ["OpenSession", "Shell", "printable", "shown"]

OpenSession = Callable[[Path, Sequence[Path]], Session]
"""Opens a session, given a data directory and more model folders."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """The text with control characters written out, so that no file can drive the terminal."""
    return _CONTROL.sub(lambda match: repr(match[0])[1:-1], text)


def shown(path: str | Path) -> str:
    """A path as people read it: relative to the working directory when it is below that."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


class _Stream(Console):
    """A console that takes texts as they are and falls silent when nobody reads any more."""

    def __init__(self, file: TextIO) -> None:
        width = None if file.isatty() else 160
        super().__init__(file=file, width=width, markup=False, highlight=False, emoji=False)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        _hang_up(self.file)


class Shell:
    """What a command gets: its streams, and the way to open a session.

    Attributes:
        json: stdout is to hold one JSON document.
        data: the data directory, where log files go too.
        imported: what a document is to say of the file of another program that was read.
        out, err: the consoles behind stdout and stderr.
    """

    def __init__(self, open_session: OpenSession, *, json: bool) -> None:
        self.open_session, self.json = open_session, json
        self.data = default_data_dir()
        self.imported: dict[str, Any] = {}
        self._stdout, self._stderr = _survivor(sys.stdout), _survivor(sys.stderr)
        self.out, self.err = _Stream(self._stdout), _Stream(self._stderr)
        self._kept: int | None = None

    def print(self, what: RenderableType = "") -> None:
        """Write a result for people to stdout."""
        if isinstance(what, str):
            self.out.print(printable(what), soft_wrap=True)
        elif self.out.is_terminal:
            self.out.print(what)
        else:
            with self.out.capture() as captured:
                self.out.print(what)
            for line in captured.get().splitlines():
                self.out.print(line.rstrip(), soft_wrap=True)

    def document(self, content: Any) -> None:
        """Write the one JSON document to stdout."""
        ascii_only = "utf" not in (self._stdout.encoding or "").lower()
        text = json.dumps(content, ensure_ascii=ascii_only, indent=1, default=str)
        try:
            self._stdout.write(text + "\n")
            self._stdout.flush()
        except BrokenPipeError:
            _hang_up(self._stdout)

    def say(self, text: str, style: str = "") -> None:
        """Tell the user something on stderr."""
        self.err.print(Text(printable(text), style), soft_wrap=True)

    def complain(self, lines: Sequence[str]) -> None:
        """Tell the user what is wrong on stderr."""
        first, *rest = map(printable, lines)
        self.err.print(Text.assemble(("error: ", "bold red"), first), soft_wrap=True)
        for line in rest:
            self.err.print(Text(line), soft_wrap=True)

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep stdout for the result: what anything else prints meanwhile goes to stderr.

        That holds for the file descriptor as well, so also for libraries that are not Python
        and for child processes.
        """
        self._stdout.flush()
        if _descriptor(self._stdout) == 1 and (talk := _descriptor(self._stderr)) is not None:
            self._kept = os.dup(1)
            os.dup2(talk, 1)
        try:
            with redirect_stdout(self._stderr):
                yield
        finally:
            with suppress(OSError, AttributeError):
                ctypes.CDLL(None).fflush(None)  # what C libraries printed, but buffered
            self._give_back()

    def leave(self, code: int, content: Any) -> None:
        """End the process at once, from any thread, the document written if one is due."""
        self.err.show_cursor(True)
        self._give_back()
        if self.json:
            self.document(content)
        os._exit(code)

    def _give_back(self) -> None:
        if self._kept is not None:
            os.dup2(self._kept, 1)
            os.close(self._kept)
            self._kept = None


def _survivor(stream: TextIO | None) -> TextIO:
    """The stream, made to write what its encoding lacks as escapes; nowhere if it is closed."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _descriptor(stream: TextIO) -> int | None:
    with suppress(OSError, ValueError):
        return stream.fileno()
    return None


def _hang_up(stream: Any) -> None:
    """Let what is still to be written, at exit too, go nowhere."""
    if (descriptor := _descriptor(stream)) is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
