"""Tracebacks go to a file of the day: users are told in words, and where to look."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

__all__ = ["log_folder", "log_traceback"]


def log_folder(data: Path) -> Path:
    """Where the log files are, below the data directory."""
    return data / "logs"


def log_traceback(folder: Path, heading: str, error: BaseException) -> Path | None:
    """Add a traceback to today's file; None if it cannot be written, which must not matter."""
    now = datetime.now()
    path = folder / f"{now:%Y-%m-%d}.log"
    text = "".join(traceback.format_exception(error))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{now:%Y-%m-%d %H:%M:%S} {heading}\n{text}\n")
    except OSError:
        return None
    return path
