"""The words of `nodegraph token`."""

from __future__ import annotations

from typing import Annotated

import typer

from nodegraph.cli.options import Action, Data, Json, places_of
from nodegraph.cli.shell import Shell

__all__ = ["token"]

Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose token it is.")]

token = typer.Typer(rich_markup_mode=None)


@token.command()
def add(name: Name, json: Json = False, data: Data = None) -> Action:
    """Make a token for a user, and show it for the only time."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.token import add as carry_out

        places_of(shell, data, None)
        return carry_out(shell, name)

    return act


@token.command("list")
def list_(json: Json = False, data: Data = None) -> Action:
    """Say whose tokens there are."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.token import show as carry_out

        places_of(shell, data, None)
        return carry_out(shell)

    return act


@token.command()
def remove(name: Name, json: Json = False, data: Data = None) -> Action:
    """Let a token be good no more, at once; what its user made stays."""

    def act(shell: Shell) -> int:
        from nodegraph.cli.token import remove as carry_out

        places_of(shell, data, None)
        return carry_out(shell, name)

    return act
