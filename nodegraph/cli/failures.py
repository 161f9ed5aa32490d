"""From an exception to what the user is told: an exit code, lines of text, entries of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph.engine.logs import log_folder, log_traceback
from nodegraph.errors import (
    InvalidWorkflow,
    MissingModel,
    MissingPart,
    NodeFailed,
    NodegraphError,
    OutputError,
    Problem,
    WorkflowFileError,
)

__all__ = [
    "CANCELLED",
    "INVALID",
    "MISSING",
    "Failure",
    "UsageError",
    "describe",
]

FAILED, USAGE, INVALID, MISSING, CANCELLED = 1, 2, 3, 4, 130


class UsageError(NodegraphError):
    """The command was written in a way that cannot work."""

    def __init__(self, message: str, nearest: str | None = None, hint: str = "") -> None:
        self.nearest, self.hint = nearest, hint
        super().__init__(f"{message} - did you mean '{nearest}'?" if nearest else message)


@dataclass(frozen=True)
class Failure:
    """Why a command did not do what it was asked to.

    Attributes:
        status: `invalid` (asking again will not help), `failed` or `canceled`.
        code: the exit code.
        lines: for people; the first one says it all.
        entries: for programs.
    """

    status: str
    code: int
    lines: tuple[str, ...]
    entries: tuple[dict[str, Any], ...]

    def document(self) -> dict[str, Any]:
        """What stands on stdout with `--json`: a run's document, in which nothing ran."""
        return {
            "status": self.status,
            "seconds": 0.0,
            "outputs": [],
            "nodes": {},
            "errors": list(self.entries),
        }


def describe(error: BaseException, data: Path, limit: int | None = 20) -> Failure:
    """What to tell of an exception; the traceback of an unexpected one goes to a log file.

    Args:
        data: the data directory, which log files are in.
        limit: how many problems of a workflow people are told of.
    """
    match error:
        case InvalidWorkflow():
            return _invalid(error, limit)
        case WorkflowFileError():
            return _one("invalid", INVALID, "unreadable_workflow", str(error))
        case UsageError():
            return _usage(error)
        case MissingModel():
            return _one("invalid", MISSING, "missing_model", str(error))
        case OutputError():
            return _one("failed", FAILED, "output_not_written", str(error))
        case NodeFailed():
            return Failure("failed", FAILED, (str(error),), (error.as_dict(),))
        case NodegraphError():
            return _one("failed", FAILED, "failed", str(error))
        case KeyboardInterrupt():
            return _one("canceled", CANCELLED, "canceled", "interrupted")
        case _:
            return _unexpected(error, log_folder(data))


def _one(status: str, code: int, name: str, message: str) -> Failure:
    return Failure(status, code, (message,), (Problem(name, message).as_dict(),))


def _usage(error: UsageError) -> Failure:
    problem = Problem("wrong_usage", str(error), nearest=error.nearest)
    hint = [error.hint] if error.hint else []
    return Failure("invalid", USAGE, (str(error), *hint), (problem.as_dict(),))


def _invalid(error: InvalidWorkflow, limit: int | None) -> Failure:
    only_missing = isinstance(error, MissingPart)
    count = len(error.problems)
    what = "something it needs is not installed" if only_missing else "it is not valid"
    shown = [f"  {problem}" for problem in error.problems[:limit]]
    if count > len(shown):
        shown.append(f"  ... and {count - len(shown)} more (--json lists all)")
    return Failure(
        "invalid",
        MISSING if only_missing else INVALID,
        (f"the workflow cannot run, {what}:", *shown),
        tuple(problem.as_dict() for problem in error.problems),
    )


def _unexpected(error: BaseException, folder: Path) -> Failure:
    path = log_traceback(folder, "command", error)
    where = f"; the details are in {path}" if path else ""
    message = f"something unexpected went wrong: {type(error).__name__}: {error}{where}"
    entry = Problem("unexpected", message).as_dict() | {"log": str(path) if path else None}
    return Failure("failed", FAILED, (message,), (entry,))
