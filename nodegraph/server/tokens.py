"""Named tokens: who may use a server that asks for them, kept as hashes in the data directory.

A token is shown once, when it is made. What is kept cannot be turned back into it; a running
server sees within a second what was added or removed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nodegraph.errors import NodegraphError
from nodegraph.server.settings import Settings

__all__ = ["TOKENS_FILE", "TokenBook", "TokenEntry", "TokenError", "TokenFile"]

TOKENS_FILE = "tokens.json"
"""Its name in the data directory."""

_PREFIX = "ng_"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
_LOOK_SECONDS = 1.0


class TokenError(NodegraphError):
    """A token or its name cannot be taken, or the file of tokens cannot be used."""


@dataclass(frozen=True)
class TokenEntry:
    """A token that was given out; `created_at` in seconds since 1970."""

    name: str
    digest: str
    created_at: float


class TokenFile:
    """The tokens of one data directory; only its owner may read or write the file."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path, self._clock = path, clock

    def add(self, name: str) -> str:
        """Make a token for a user; returns it, for the only time.

        Raises:
            TokenError: the name is taken or no name, or the file cannot be used.
        """
        if _NAME.fullmatch(name) is None:
            text = "a name has up to 32 small letters, digits, '-' and '_'"
            raise TokenError(f"{name[:40]!a} is no name for a token: {text}")
        entries = self.entries()
        if any(entry.name == name for entry in entries):
            raise TokenError(f"there is a token for '{name}' already; remove that one first")
        token = _PREFIX + secrets.token_urlsafe(32)
        self._write([*entries, TokenEntry(name, Settings.digest_of(token), self._clock())])
        return token

    def remove(self, name: str) -> None:
        """Let a token be good no more; what its user made stays.

        Raises:
            TokenError: there is none for this name, or the file cannot be used.
        """
        entries = self.entries()
        left = [entry for entry in entries if entry.name != name]
        if len(left) == len(entries):
            known = ", ".join(entry.name for entry in entries) or "(none)"
            raise TokenError(f"there is no token for {name[:40]!a}; there are: {known}")
        self._write(left)

    def entries(self) -> list[TokenEntry]:
        """Every token, as it was added.

        Raises:
            TokenError: the file cannot be read or is damaged; nobody is let in by mistake.
        """
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeError) as error:
            raise TokenError(f"the tokens in '{self.path}' cannot be read: {error}") from error
        try:
            found = [TokenEntry(**entry) for entry in json.loads(text)["tokens"]]
        except (ValueError, TypeError, KeyError):
            raise TokenError(f"the file of tokens '{self.path}' is damaged") from None
        for entry in found:
            if not (re.fullmatch("[0-9a-f]{64}", entry.digest) and _NAME.fullmatch(entry.name)):
                raise TokenError(f"the file of tokens '{self.path}' is damaged")
        return found

    def _write(self, entries: list[TokenEntry]) -> None:
        content = {"tokens": [vars(entry) for entry in entries]}
        temporary = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as stream:
                json.dump(content, stream, indent=1)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, self.path)
        except OSError as error:
            raise TokenError(f"'{self.path}' cannot be written: {error.strerror}") from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


class TokenBook(Mapping[str, str]):
    """What `Settings.tokens` takes: digest -> user, of tokens given at the start and of a file.

    The file is looked at again when it has changed. If it is damaged meanwhile, only the tokens
    that were given at the start are good.
    """

    def __init__(
        self,
        file: TokenFile,
        given: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the file once.

        Args:
            given: digest -> user of tokens that are good while the server runs.

        Raises:
            TokenError: the file is damaged.
        """
        self._file, self._clock = file, clock
        self._given = dict(given)
        self._stamp, self._looked = self._look(), clock()
        self._known = self._read()

    def __getitem__(self, digest: str) -> str:
        return self._current()[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def _current(self) -> Mapping[str, str]:
        now = self._clock()
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            if (stamp := self._look()) != self._stamp:
                self._stamp = stamp
                try:
                    self._known = self._read()
                except TokenError:
                    self._known = dict(self._given)
        return self._known

    def _read(self) -> dict[str, str]:
        return {entry.digest: entry.name for entry in self._file.entries()} | self._given

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
