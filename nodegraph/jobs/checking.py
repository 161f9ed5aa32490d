"""What a client submits, checked and made ready to be stored: no node pack is needed for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from nodegraph.engine.files import Files
from nodegraph.errors import InvalidWorkflow, Problem, WorkflowFileError
from nodegraph.formats.comfy_api import from_api, is_api
from nodegraph.formats.comfy_ui import is_ui
from nodegraph.graph.plan import check, plan
from nodegraph.graph.planned import Plan
from nodegraph.graph.registry import Registry
from nodegraph.graph.replan import replan
from nodegraph.graph.workflow import Workflow
from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.errors import MissingAsset, NotFound, UiFormat
from nodegraph.jobs.model import JobFormat
from nodegraph.provenance import resolve_seeds

__all__ = ["Checker", "Prepared", "references", "source_of"]

REMEMBERED_PLANS = 16
_LISTING_SECONDS = 2.0


@dataclass(frozen=True)
class Prepared:
    """A checked submission.

    Attributes:
        source: the document as it came, as JSON.
        workflow: what will run, as JSON.
        targets: the nodes to run, None for all effect nodes.
        problems: of the outputs that were left out.
    """

    format: JobFormat
    source: str
    workflow: str
    targets: list[str] | None
    problems: tuple[Problem, ...] = ()


@dataclass
class _Names:
    """Names of models and input files; listings of models are kept for a moment."""

    files: Files
    _known: dict[str, tuple[float, list[str]]] = field(default_factory=dict)

    def models(self, kind: str) -> Sequence[str]:
        found = self._known.get(kind)
        if found is None or time.monotonic() - found[0] > _LISTING_SECONDS:
            found = self._known[kind] = (time.monotonic(), self.files.models(kind))
        return found[1]

    def has_input(self, name: str) -> bool:
        return self.files.has_input(name)

    def forget(self) -> None:
        self._known.clear()


class Checker:
    """Reads and plans what owners submit.

    Attributes:
        registry: the node types; replaced when the worker tells of others.
    """

    def __init__(self, registry: Registry, assets: AssetStore) -> None:
        self.registry, self._assets = registry, assets
        self._plans: dict[tuple[str, str, tuple[str, ...] | None], Plan] = {}
        self._names: dict[str, _Names] = {}
        self._lock = threading.Lock()

    def use(self, registry: Registry) -> None:
        """Check against other node types from now on."""
        with self._lock:
            self.registry = registry
            self._plans.clear()
            self._names.clear()

    def prepare(
        self,
        document: dict[str, Any],
        format: JobFormat | None,
        files: Files,
        owner: str,
        targets: Sequence[str] | None = None,
        partial: bool = False,
    ) -> Prepared:
        """Check a document (see `Service.submit`); blocks for as long as planning takes."""
        source = source_of(document)
        kind = _format_of(document, format)
        resolved = self._resolve(document, kind, owner)
        if kind == "api":
            read, _ = from_api(resolved, self.registry)
        else:
            read = Workflow.from_dict(resolved)
        workflow = resolve_seeds(read, self.registry)
        wanted = list(targets) if targets is not None else None
        problems: tuple[Problem, ...] = ()
        try:
            self._plan(workflow, files, owner, wanted)
        except InvalidWorkflow as error:
            if not partial:
                raise
            wanted, problems = self._valid_part(workflow, files, wanted), error.problems
            if not wanted:
                raise
        same = kind == "native" and resolved is document and workflow is read
        text = source if same else json.dumps(workflow.to_dict(), allow_nan=False)
        return Prepared(kind, source, text, wanted, problems)

    def problems(self, document: dict[str, Any], files: Files, owner: str) -> list[Problem]:
        """Everything wrong with any node of a document, needed for a run or not.

        Raises:
            UiFormat, WorkflowFileError: see `Service.submit`.
        """
        kind = _format_of(document, None)
        missing: list[MissingAsset] = []
        resolved = self._resolve(document, kind, owner, missing)
        found = [Problem("missing_asset", str(one), one.node, one.field) for one in missing]
        try:
            read = from_api(resolved, self.registry)[0] if kind == "api" else None
            workflow = resolve_seeds(read or Workflow.from_dict(resolved), self.registry)
        except InvalidWorkflow as error:
            return [*found, *error.problems]
        with self._lock:
            names = self._names.setdefault(owner, _Names(files))
        told = {(one.node, one.field) for one in missing}
        others = check(workflow, self.registry, names)
        return [*found, *(one for one in others if (one.node, one.field) not in told)]

    def _plan(self, workflow: Workflow, files: Files, owner: str, only: list[str] | None) -> None:
        place = (owner, workflow.name, tuple(only) if only is not None else None)
        with self._lock:
            names = self._names.setdefault(owner, _Names(files))
            previous = self._plans.pop(place, None)
        made = replan(previous, workflow, self.registry, names) if previous is not None else None
        if made is None:
            try:
                made = plan(workflow, self.registry, names=names, only=only)
            except InvalidWorkflow:
                names.forget()  # a model may have come a moment ago
                made = plan(workflow, self.registry, names=names, only=only)
        with self._lock:
            self._plans[place] = made
            while len(self._plans) > REMEMBERED_PLANS:
                del self._plans[next(iter(self._plans))]

    def _valid_part(self, workflow: Workflow, files: Files, only: list[str] | None) -> list[str]:
        """The wanted nodes of whose branches all can run."""
        wanted = only if only is not None else [*self._effects(workflow)]
        found = []
        for name in wanted:
            with suppress(InvalidWorkflow):
                plan(workflow, self.registry, names=_Names(files), only=[name])
                found.append(name)
        return found

    def _effects(self, workflow: Workflow) -> Iterator[str]:
        for name, entry in workflow.nodes.items():
            node_type = self.registry.get(entry.type)
            if node_type is not None and node_type.effect:
                yield name

    def _resolve(
        self,
        document: dict[str, Any],
        kind: JobFormat,
        owner: str,
        missing: list[MissingAsset] | None = None,
    ) -> dict[str, Any]:
        """The document with file names in place of asset references; itself if there are none.

        Args:
            missing: takes up what is wrong with references, which is raised without it.
        """
        nodes = document.get("nodes") if kind == "native" else document
        if not isinstance(nodes, dict):
            return document
        changed = dict(nodes)
        for node, name, reference in references(nodes):
            entry = changed[node]
            try:
                file = self._file_of(reference, owner, node, name)
            except MissingAsset as error:
                if missing is None:
                    raise
                missing.append(error)
                file = ""
            changed[node] = {**entry, "inputs": {**entry["inputs"], name: file}}
        if all(changed[node] is nodes[node] for node in nodes):
            return document
        return {**document, "nodes": changed} if kind == "native" else changed

    def _file_of(self, reference: dict[str, Any], owner: str, node: str, name: str) -> str:
        info = reference.get("info")
        asset_id = info.get("id") if isinstance(info, dict) else None
        if not isinstance(asset_id, str) or not asset_id:
            raise MissingAsset("the asset reference has no id in 'info'", node, name)
        try:
            return self._assets.lend(self._assets.get(asset_id, owner))
        except NotFound as error:
            raise MissingAsset(str(error), node, name) from error


def source_of(document: dict[str, Any]) -> str:
    """A document as it is stored.

    Raises:
        WorkflowFileError: it is not JSON.
    """
    try:
        return json.dumps(document, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise WorkflowFileError(f"the workflow cannot be written as JSON: {error}") from error


def references(nodes: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The asset references among the inputs of nodes: node, input, reference."""
    for node, entry in nodes.items():
        inputs = entry.get("inputs") if isinstance(entry, dict) else None
        if isinstance(inputs, dict):
            for name, value in inputs.items():
                if isinstance(value, dict) and value.get("__type") == "core/ASSET":
                    yield node, name, value


def _format_of(document: dict[str, Any], given: JobFormat | None) -> JobFormat:
    if not isinstance(document, dict):
        raise WorkflowFileError(f"the workflow is no object but {type(document).__name__}")
    if is_ui(document):
        raise UiFormat(
            "this is the file of ComfyUI's editor; send its API format "
            "(in its menu: Export (API)), or convert it with nodegraph convert"
        )
    if given is not None:
        return given
    native = "nodegraph" in document and not is_api(document)
    if not native and not is_api(document):
        raise WorkflowFileError(
            'this is no workflow: neither "nodegraph": 1 nor nodes with a class_type are in it'
        )
    return "native" if native else "api"
