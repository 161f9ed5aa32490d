"""`--data` and `--models`: where a command finds and keeps things."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodegraph.cli.failures import UsageError
from nodegraph.cli.shell import Shell
from nodegraph.session import Session

__all__ = ["Places", "packs_note"]


@dataclass(frozen=True)
class Places:
    """The model folders given on the command line; the data directory is the shell's."""

    models: tuple[Path, ...] = ()

    def open(self, shell: Shell) -> Session:
        """A session with these folders.

        Raises:
            UsageError: for a model folder that is not there.
        """
        return shell.open_session(shell.data, self.folders())

    def folders(self) -> list[Path]:
        """The model folders, absolute.

        Raises:
            UsageError: for one that is not there; it would be searched in vain.
        """
        for folder in self.models:
            if not folder.is_dir():
                raise UsageError(f"--models: there is no folder '{folder}'")
        return [folder.resolve() for folder in self.models]


def packs_note(session: Session) -> list[str]:
    """A line for each node pack that is installed but could not be loaded."""
    return [
        f"note: the node pack '{pack.name}' is disabled: {pack.error}"
        for pack in session.packs
        if pack.error is not None
    ]
