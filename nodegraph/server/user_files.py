"""The files that a front end keeps for its user: workflows, settings, style. Nothing is ever lost.

What is overwritten, moved over or deleted stays under `former/`: the newest ten of each file, and
of what is older the last of each day, for thirty days with changes.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from blake3 import blake3

from nodegraph.jobs.errors import NotFound, TooLarge
from nodegraph.server.errors import ApiError
from nodegraph.server.files import inside

__all__ = ["UserFiles"]

MOST_FILES = 10_000
"""How many files one listing holds."""
RECENT, DAYS = 10, 30
_TEMPORARY = re.compile(r"\.[0-9a-f]{8}\.tmp")
_STAMP = re.compile(r"\d{8}T\d{6}\.\d{6}")
_LOCK = threading.Lock()


class UserFiles:
    """Files by relative names with `/`. Every method blocks.

    Attributes:
        folder: where they are.
    """

    def __init__(self, home: Path) -> None:
        """`home` is the folder of the owner."""
        self.folder = home / "front" / "userdata"
        self._former = home / "front" / "former"

    def path(self, name: str) -> Path:
        """Where a file is.

        Raises:
            ApiError: the name is none, or leads elsewhere.
            NotFound: there is no such file.
        """
        path = inside(self.folder, name)
        if not path.is_file():
            raise NotFound(f"there is no file '{name}'")
        return path

    def write(self, name: str, data: bytes, *, overwrite: bool) -> Path:
        """Write a file whole or not at all.

        Raises:
            ApiError: 409 `file_exists`: there is one already, and `overwrite` is not set; or a
                folder has the name.
        """
        with _LOCK:
            path = self._place(name)
            if path.is_file() and overwrite and path.read_bytes() == data:
                return path
            temporary = path.with_name(f".{secrets.token_hex(4)}.tmp")
            try:
                with temporary.open("xb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                self._put(temporary, path, name, overwrite)
            finally:
                temporary.unlink(missing_ok=True)
            return path

    def move(self, name: str, to: str, *, overwrite: bool) -> Path:
        """Give a file another name.

        Raises:
            NotFound: there is no such file.
            ApiError: 409 `file_exists`: the new name is taken, and `overwrite` is not set.
        """
        with _LOCK:
            source, path = self.path(name), self._place(to)
            if source != path:
                self._put(source, path, to, overwrite)
            return path

    def delete(self, name: str) -> None:
        """Put a file away.

        Raises:
            NotFound: there is no such file.
        """
        with _LOCK:
            path = self.path(name)
            self._keep(path)
            path.unlink()

    def _place(self, name: str) -> Path:
        path = inside(self.folder, name)
        if path.is_dir():
            raise _taken(f"'{name}' is a folder")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise _taken(f"a part of '{name}' is a file") from None
        return path

    def _put(self, source: Path, path: Path, name: str, overwrite: bool) -> None:
        if path.exists():
            if not overwrite:
                raise _taken(f"there is a file '{name}' already")
            self._keep(path)
        os.replace(source, path)

    # -- former contents -----------------------------------------------------------------

    def _keep(self, path: Path) -> None:
        """Keep what a file holds now."""
        folder = self._versions(path)
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time_ns() // 1000
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now // 10**6))
        kept = folder / f"{stamp}.{now % 10**6:06}"
        try:
            os.link(path, kept)
        except OSError:  # no links on this file system
            shutil.copy2(path, kept)
        for old in _too_many(sorted(self._stamps(folder))):
            (folder / old).unlink(missing_ok=True)

    def _versions(self, path: Path) -> Path:
        """The folder of the former contents of a file; no file of the user is called like it."""
        parts = path.relative_to(self.folder.resolve()).parts
        return self._former.joinpath(*(f"{_short(part)}~" for part in parts))

    def _stamps(self, folder: Path) -> list[str]:
        found = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
        return [name for name in found if _STAMP.fullmatch(name)]

    def former(self, name: str) -> list[dict[str, Any]]:
        """What can be had back of a file, newest first: {"version", "size"}."""
        folder = self._versions(inside(self.folder, name))
        stamps = sorted(self._stamps(folder), reverse=True)
        return [{"version": s, "size": (folder / s).stat().st_size} for s in stamps]

    def former_path(self, name: str, version: str) -> Path:
        """Where a former content of a file is.

        Raises:
            NotFound: there is none, or no longer.
        """
        folder = self._versions(inside(self.folder, name))
        if version not in self._stamps(folder):
            raise NotFound(f"there is no version '{version[:50]}' of '{name}'")
        return folder / version

    # -- listings ------------------------------------------------------------------------

    def described(self, path: Path, base: Path | None = None) -> dict[str, Any]:
        """{"path" (from `base`), "size", "modified", "created"}; times in ms since 1970."""
        found = path.stat()
        created = getattr(found, "st_birthtime", found.st_ctime)
        return {
            "path": self.name_of(path, base),
            "size": found.st_size,
            "modified": int(found.st_mtime * 1000),
            "created": int(created * 1000),
        }

    def name_of(self, path: Path, base: Path | None = None) -> str:
        """A path as clients name it: relative, with `/`."""
        return path.relative_to(base or self.folder.resolve()).as_posix()

    def folder_of(self, name: str) -> Path:
        """A folder of the user's; "" is the outermost, which is made if it is not there.

        Raises:
            ApiError: the name is none, or leads elsewhere.
            NotFound: there is no such folder.
        """
        if not name:
            self.folder.mkdir(parents=True, exist_ok=True)
            return self.folder.resolve()
        path = inside(self.folder, name)
        if not path.is_dir():
            raise NotFound(f"there is no folder '{name}'")
        return path

    def listing(self, folder: Path, *, recurse: bool) -> list[Path]:
        """The files in a folder, sorted; with `recurse`, those in its folders too.

        Raises:
            TooLarge: there are more than `MOST_FILES`.
        """
        found = []
        for path in _walk(folder, recurse):
            if path.is_file() and not _TEMPORARY.fullmatch(path.name):
                found.append(path)
            if len(found) > MOST_FILES:
                raise TooLarge(f"more than {MOST_FILES} files; ask for a folder of them")
        return sorted(found)

    def entries(self, folder: Path) -> list[Path]:
        """The files and folders in a folder, folders first."""
        found = (path for path in folder.iterdir() if not _TEMPORARY.fullmatch(path.name))
        return sorted(found, key=lambda path: (path.is_file(), path.name))[:MOST_FILES]


def _walk(folder: Path, recurse: bool) -> Iterator[Path]:
    """What is in a folder; links are not followed."""
    waiting = [folder]
    while waiting:
        with suppress(OSError):
            for path in waiting.pop().iterdir():
                if path.is_symlink():
                    continue
                yield path
                if recurse and path.is_dir():
                    waiting.append(path)


def _short(part: str) -> str:
    """A name that leaves room for a sign more."""
    data = part.encode()
    return part if len(data) < 250 else blake3(data).hexdigest()


def _taken(text: str) -> ApiError:
    return ApiError(409, "file_exists", text)


def _too_many(stamps: list[str]) -> list[str]:
    """Which of the former contents, oldest first, are given up."""
    older = stamps[:-RECENT]
    last_of_day = {stamp[:8]: stamp for stamp in older}
    kept = {*[*last_of_day.values()][-DAYS:]}
    return [stamp for stamp in older if stamp not in kept]
