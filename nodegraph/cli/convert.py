"""`nodegraph convert`: a workflow in another format, with a report of what was lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

from nodegraph.cli.failures import UsageError
from nodegraph.cli.places import Places
from nodegraph.cli.shell import Shell
from nodegraph.errors import OutputError, nearest
from nodegraph.formats.comfy_export import to_api
from nodegraph.formats.report import Report
from nodegraph.graph.json_text import write_text
from nodegraph.graph.workflow import Workflow
from nodegraph.provenance import resolve_seeds
from nodegraph.session import Session

__all__ = ["FORMATS", "convert"]

FORMATS = ("native", "api")


def convert(
    shell: Shell, source: Path, target: Path, to: str | None, force: bool, places: Places
) -> int:
    """Read `source` in whatever format it is and write `target`; 0 even where parts were lost."""
    kind = _kind(target, to)
    if target.exists() and not force:
        raise UsageError(f"'{target}' is there already", hint="--force overwrites it")
    with shell.reserved():
        session = places.open(shell)
        workflow, report = session.load(source)
        text, written = _text(workflow, session, kind)
    remarks = [*report.remarks, *written.remarks]
    try:
        write_text(target, text)
    except OSError as error:
        raise OutputError(f"cannot write '{target}': {error.strerror}") from error
    if shell.json:
        shell.document(
            {
                "status": "converted",
                "from": report.source,
                "to": kind,
                "path": str(target),
                "nodes": len(workflow.nodes),
                "remarks": [remark.as_dict() for remark in remarks],
                "errors": [],
            }
        )
        return 0
    for line in Report(report.source, remarks).lines(limit=None):
        shell.print(line)
    count = len(workflow.nodes)
    shell.print(f"wrote {os.fspath(target)}: {kind}, {count} node{'' if count == 1 else 's'}")
    return 0


def _kind(target: Path, to: str | None) -> str:
    if to is None:
        return "api" if target.name.lower().endswith(".api.json") else "native"
    if to not in FORMATS:
        raise UsageError(
            f"--to: there is no format '{to}'; there are {' and '.join(FORMATS)}",
            nearest(to, FORMATS),
        )
    return to


def _text(workflow: Workflow, session: Session, kind: str) -> tuple[str, Report]:
    if kind == "native":
        return workflow.to_json(), Report()
    made, report = to_api(resolve_seeds(workflow, session.registry), session.registry)
    return json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False) + "\n", report
