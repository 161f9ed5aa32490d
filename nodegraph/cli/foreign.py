"""Files of other programs: what could not be carried over from them, or into them."""

from __future__ import annotations

from pathlib import Path

from nodegraph.cli.shell import Shell
from nodegraph.formats.report import Report

__all__ = ["tell"]

_NAMES = {"comfyui-api": "ComfyUI's API format", "comfyui-ui": "a file of ComfyUI's editor"}


def tell(shell: Shell, file: Path, report: Report) -> None:
    """Say on stderr what is not in a workflow as it was in the file it was read from."""
    if report.foreign and report.remarks:
        shell.say(f"{file} is {_NAMES.get(report.source, report.source)}:", "yellow")
        for line in report.lines():
            shell.say(f"  {line}")
