"""`nodegraph token add|list|remove`: who may use a server that asks for tokens."""

from __future__ import annotations

import time

from nodegraph.cli.failures import UsageError
from nodegraph.cli.shell import Shell
from nodegraph.server.tokens import TOKENS_FILE, TokenError, TokenFile

__all__ = ["add", "remove", "show"]


def add(shell: Shell, name: str) -> int:
    """Make a token and show it, for the only time."""
    try:
        token = _file(shell).add(name)
    except TokenError as error:
        raise UsageError(str(error)) from None
    if shell.json:
        shell.document({"name": name, "token": token})
        return 0
    shell.print(token)
    shell.say(
        f"This is the token of '{name}'; it is not shown again. Send it as "
        "'Authorization: Bearer TOKEN', or open the server with ?token=TOKEN. A server that was "
        "started without any token asks for one after a restart."
    )
    return 0


def show(shell: Shell) -> int:
    """Whose tokens there are; the tokens themselves are not kept."""
    entries = _file(shell).entries()
    if shell.json:
        made = [{"name": entry.name, "created_at": entry.created_at} for entry in entries]
        shell.document({"tokens": made})
        return 0
    for entry in entries:
        day = time.strftime("%Y-%m-%d", time.localtime(entry.created_at))
        shell.print(f"{entry.name:<32}  {day}")
    if not entries:
        shell.say("there are no tokens: nodegraph token add NAME")
    return 0


def remove(shell: Shell, name: str) -> int:
    """Let a token be good no more."""
    try:
        _file(shell).remove(name)
    except TokenError as error:
        raise UsageError(str(error)) from None
    if shell.json:
        shell.document({"removed": name})
    else:
        shell.print(f"removed the token of '{name}'; what '{name}' made is still there")
    return 0


def _file(shell: Shell) -> TokenFile:
    return TokenFile(shell.data / TOKENS_FILE)
