"""Files of other programs: what could not be carried over from them, or into them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodegraph.cli.shell import Shell
from nodegraph.formats.report import Report

__all__ = ["as_entries", "tell"]

_NAMES = {"comfyui-api": "ComfyUI's API format", "comfyui-ui": "a file of ComfyUI's editor"}


def tell(shell: Shell, file: Path, report: Report) -> None:
    """Say on stderr what is not in a workflow as it was in the file it was read from.

    The document of the command, if one is due, will say it too.
    """
    shell.imported = as_entries(report)
    if report.foreign and report.remarks:
        shell.say(f"{file} is {_NAMES.get(report.source, report.source)}:", "yellow")
        for line in report.lines():
            shell.say(f"  {line}")


def as_entries(report: Report) -> dict[str, Any]:
    """What a document says of a file of another program; nothing of one of ours."""
    if not report.foreign:
        return {}
    return {"from": report.source, "remarks": [remark.as_dict() for remark in report.remarks]}
