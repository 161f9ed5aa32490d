"""`nodegraph doctor`: is everything there that a run or a server needs?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.text import Text

from nodegraph.cli import checks, checks_serve
from nodegraph.cli.checks import Finding
from nodegraph.cli.places import Places
from nodegraph.cli.shell import Shell, printable

__all__ = ["doctor"]

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(shell: Shell, places: Places) -> int:
    """Check everything, whatever fails on the way; 1 if something did."""
    with shell.reserved():
        findings = list(_findings(shell, places))
    failed = [finding for finding in findings if finding.level == "fail"]
    warned = any(finding.level == "warn" for finding in findings)
    if shell.json:
        status = "fail" if failed else "warn" if warned else "ok"
        shell.document({"status": status, "checks": [vars(finding) for finding in findings]})
    else:
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            mark = (f"{finding.level:<5}", _STYLES[finding.level])
            text = f"{finding.subject:<{width}}  {printable(finding.text)}"
            shell.print(Text.assemble(mark, text))
    return 1 if failed else 0


def _findings(shell: Shell, places: Places) -> Iterator[Finding]:
    yield from _guarded("versions", checks.versions)
    yield from _guarded("memory", checks.memory)
    yield from _guarded("data", lambda: checks.data_folder(shell.data))
    yield from _guarded("port", checks_serve.port)
    yield from _guarded("server", lambda: checks_serve.server(shell.data))
    yield from _guarded("database", lambda: checks_serve.database(shell.data))
    yield from _guarded("worker", checks_serve.worker)
    try:
        session = places.open(shell)
    except Exception as error:
        yield _failure("packs", error)
        return
    yield from _guarded("packs", lambda: checks.packs(session))
    yield from _guarded("device", checks.device)
    yield from _guarded("models", lambda: checks.models(session))


def _guarded(subject: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What was found, or that looking failed: the others are still looked at."""
    try:
        yield from look()
    except Exception as error:
        yield _failure(subject, error)


def _failure(subject: str, error: Exception) -> Finding:
    return Finding("fail", subject, f"{type(error).__name__}: {error}")
