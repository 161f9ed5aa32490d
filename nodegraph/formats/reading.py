"""One way in for every file that holds a workflow, ours or another program's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nodegraph.errors import NodegraphError, NoWorkflow, WorkflowFileError
from nodegraph.formats.comfy_api import from_api, is_api
from nodegraph.formats.comfy_settle import settle
from nodegraph.formats.comfy_ui import from_ui, is_ui
from nodegraph.formats.picture import PICTURE_SUFFIXES, is_picture, texts_of
from nodegraph.formats.report import Report
from nodegraph.graph.json_text import read_file, read_json
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import Workflow

__all__ = ["MAX_BYTES", "from_json", "read_any"]

MAX_BYTES = 256 * 2**20
"""The largest file that is read, in bytes; pictures can be that large, workflows never are."""
MAX_JSON = 64 * 2**20
"""The longest text of a workflow, in bytes."""


def read_any(
    source: str | os.PathLike[str] | bytes, registry: Registry, name: str = "the workflow"
) -> tuple[Workflow, Report]:
    """Read a workflow from a file, or from the bytes of one.

    It may be our own format, ComfyUI's API format or the files of its editor, or a PNG, WebP
    or JPEG picture that any of them is embedded in.

    Args:
        registry: the node types by which values and links without names get theirs.
        name: what errors call a source that is bytes, such as the name of their file.

    Returns:
        The workflow, and a report of all that it does not hold of the file.

    Raises:
        NoWorkflow: a picture that holds none.
        WorkflowFileError: no such file, too large, or nothing that holds a workflow.
        InvalidWorkflow: a workflow with malformed parts; the problems say which.
    """
    if isinstance(source, bytes):
        called_so = name.lower().endswith(PICTURE_SUFFIXES)
        read = _from_picture if called_so or is_picture(source) else _from_text
        return read(source, name, registry)
    file = Path(source)
    data = read_file(file, MAX_BYTES)
    if is_picture(data) or file.suffix.lower() in PICTURE_SUFFIXES:
        return _from_picture(data, str(file), registry)
    return _from_text(data, str(file), registry)


def from_json(
    raw: Any, registry: Registry, source: str = "the workflow"
) -> tuple[Workflow, Report]:
    """Make a workflow of parsed JSON in any format (see `read_any`)."""
    if isinstance(raw, dict) and isinstance(raw.get("nodegraph"), dict | None):
        if is_ui(raw):
            return from_ui(raw, registry)
        if is_api(raw):
            return from_api(raw, registry)
        for wrapper in ("prompt", "workflow"):
            if is_api(raw.get(wrapper)) or is_ui(raw.get(wrapper)):
                return from_json(raw[wrapper], registry, source)
    report = Report()
    return settle(Workflow.from_dict(raw, source), registry, report), report


def _from_text(data: bytes | str, source: str, registry: Registry) -> tuple[Workflow, Report]:
    if len(data) > MAX_JSON:
        raise WorkflowFileError(f"{source} is too large to be a workflow ({len(data)} bytes)")
    lenient: list[str] = []
    try:
        raw = read_json(data, source)
    except WorkflowFileError as error:
        # Python's writers, ComfyUI's among them, put NaN into JSON.
        raw = read_json(data, source, lenient.append)
        if not lenient or not (is_ui(raw) or is_api(raw)):
            raise error from None
    made, report = from_json(raw, registry, source)
    if lenient:
        text = f"numbers that are not finite ({', '.join(sorted(set(lenient)))}) are left out"
        report.say("not_finite", text)
    return made, report


def _from_picture(data: bytes, source: str, registry: Registry) -> tuple[Workflow, Report]:
    texts = texts_of(data, source)
    if (text := texts.get("nodegraph")) is not None:
        return _from_text(text, f"the workflow in '{source}'", registry)
    names = [name for name in ("prompt", "workflow") if name in texts]
    if not names:
        raise NoWorkflow(f"no workflow is embedded in '{source}'")
    made, report = _from_text(texts[names[0]], f"the {names[0]} in '{source}'", registry)
    if len(names) > 1:
        _add_layout(made, report, texts["workflow"], source, registry)
    return made, report


def _add_layout(made: Workflow, report: Report, text: str, source: str, registry: Registry) -> None:
    """Lay out what ran by the editor's file beside it, as far as their ids agree."""
    try:
        drawn, _ = _from_text(text, f"the workflow in '{source}'", registry)
    except NodegraphError as error:
        report.say("no_layout", f"the picture's editor file cannot be read: {error}"[:300])
        return
    for name, spot in drawn.layout.items():
        target = name if name in made.nodes else name.replace("/", ":")
        if target in made.nodes:
            made.layout[target] = {**spot, **made.layout.get(target, {})}
        elif name not in drawn.nodes:
            made.layout[name] = spot
