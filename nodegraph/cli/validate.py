"""`nodegraph validate`: every problem of every node, without running anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodegraph.cli.failures import INVALID, MISSING, describe
from nodegraph.cli.foreign import as_entries, tell
from nodegraph.cli.places import Places, packs_note
from nodegraph.cli.shell import Shell
from nodegraph.errors import InvalidWorkflow, NodegraphError
from nodegraph.graph.plan import check
from nodegraph.session import Session

__all__ = ["validate"]


@dataclass(frozen=True)
class _Checked:
    file: Path
    status: str
    code: int
    lines: tuple[str, ...]
    errors: tuple[dict[str, Any], ...]
    imported: dict[str, Any]


def validate(shell: Shell, files: Sequence[Path], places: Places) -> int:
    """Check workflow files; the exit code is that of the worst one."""
    with shell.reserved():
        session = places.open(shell)
        checked = [_check(file, session, shell) for file in files]
    code = _worst([one.code for one in checked])
    if shell.json:
        status = {0: "valid", MISSING: "missing"}.get(code, "invalid")
        listed = [
            {
                "file": str(one.file),
                "status": one.status,
                "errors": list(one.errors),
                **one.imported,
            }
            for one in checked
        ]
        errors = [{"file": str(one.file), **entry} for one in checked for entry in one.errors]
        shell.document({"status": status, "files": listed, "errors": errors})
    else:
        for one in checked:
            for line in one.lines:
                shell.print(line)
    if any(e["code"] == "missing_node_type" for one in checked for e in one.errors):
        for line in packs_note(session):
            shell.say(line)
    return code


def _check(file: Path, session: Session, shell: Shell) -> _Checked:
    imported: dict[str, Any] = {}
    try:
        workflow, report = session.load(file)
        imported = as_entries(report)
        tell(shell, file, report)
        names = session.files(beside=file.resolve().parent)
        replaced = session.check_inputs(workflow, names)
        if problems := [*check(workflow, session.registry, names), *replaced]:
            raise InvalidWorkflow.of(problems)
    except NodegraphError as error:
        failure = describe(error, shell.data, limit=None)
        first, *rest = failure.lines
        head = first if str(file) in first else f"{file}: {first}"
        status = "missing" if failure.code == MISSING else "invalid"
        return _Checked(file, status, failure.code, (head, *rest), failure.entries, imported)
    count = len(workflow.nodes)
    ok = f"{file}: ok, {count} node{'' if count == 1 else 's'}"
    return _Checked(file, "valid", 0, (ok,), (), imported)


def _worst(codes: Sequence[int]) -> int:
    return next((code for code in (INVALID, MISSING) if code in codes), 0)
