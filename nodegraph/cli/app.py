"""The command `nodegraph`: parse, act, and turn every way to fail into words and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from nodegraph.cli.failures import Failure, UsageError, describe
from nodegraph.cli.parser import Action, app
from nodegraph.cli.shell import OpenSession, Shell
from nodegraph.session import Session

__all__ = ["main"]


def main(argv: Sequence[str] | None = None, *, open_session: OpenSession | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after `nodegraph`; by default those of this process.
        open_session: opens a session, given a data directory and more model folders; by
            default with every installed node pack.

    Returns:
        The exit code, as `nodegraph --help` lists them.
    """
    words = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    shell = Shell(open_session or _with_installed_packs, json="--json" in words)
    try:
        action = _parse(words)
        return action if isinstance(action, int) else action(shell)
    except BaseException as error:
        failure = describe(error, shell.data)
    _tell(shell, failure)
    return failure.code


def _parse(words: list[str]) -> Action | int:
    """What is to be done, or the exit code if that was said already (`--help`)."""
    parse = typer.main.get_command(app)
    try:
        parsed: Action | int = parse.main(words, prog_name="nodegraph", standalone_mode=False)
    except SystemExit:
        return 0  # whoever read the help has left
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "nodegraph"
        raise UsageError(error.format_message(), hint=f"try '{path} --help'") from None
    return parsed or 0


def _tell(shell: Shell, failure: Failure) -> None:
    if shell.json:
        shell.document({**failure.document(), **shell.imported})
    shell.complain(failure.lines)


def _with_installed_packs(data: Path, models: Sequence[Path]) -> Session:
    return Session.open(data, model_dirs=tuple(models))
