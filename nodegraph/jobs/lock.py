"""One server for one data directory: the second one is told who has it."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from pathlib import Path
from typing import IO

from nodegraph.jobs.errors import DataDirectoryBusy, StoreError

__all__ = ["DirectoryLock", "holder_of"]

NAME = "server.lock"


class DirectoryLock:
    """Held from making it to `release`, or until the process ends, however it does.

    Raises:
        DataDirectoryBusy: another process holds it; the message says which.
        StoreError: the directory cannot be written.
    """

    def __init__(self, data: Path) -> None:
        path = data / NAME
        try:
            data.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise _unwritable(data, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(self._file)
            self._file.close()
            raise DataDirectoryBusy(
                f"the data directory '{data}' is in use by {holder}; "
                "stop that server, or name another directory"
            ) from error
        holder = json.dumps({"pid": os.getpid(), "host": platform.node()})
        try:
            self._file.truncate(0)
            os.write(self._file.fileno(), holder.encode())
        except OSError as error:
            self._file.close()
            raise _unwritable(data, error) from error

    def release(self) -> None:
        """Let another server have the directory."""
        self._file.truncate(0)
        self._file.close()


def _unwritable(data: Path, error: OSError) -> StoreError:
    return StoreError(f"the data directory '{data}' cannot be written: {error.strerror}")


def holder_of(data: Path) -> str | None:
    """Who has a data directory, in words; None if nobody does. Changes nothing."""
    try:
        with (data / NAME).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file)
    except OSError:
        pass
    return None


def _holder(file: IO[str]) -> str:
    try:
        file.seek(0)
        found = json.load(file)
        return f"the server with process id {int(found['pid'])} on '{found['host']}'"
    except (OSError, ValueError, KeyError, TypeError):
        return "another server"
