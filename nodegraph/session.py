"""A session joins what a run needs: node types, folders, a cache, a device."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs
from blake3 import blake3

from nodegraph.engine.cache import MemoryCache, TieredCache
from nodegraph.engine.contents import Contents
from nodegraph.engine.context import CancelToken
from nodegraph.engine.disk import DiskCache
from nodegraph.engine.environment import Environment
from nodegraph.engine.events import Emit
from nodegraph.engine.execute import execute
from nodegraph.engine.files import Files
from nodegraph.engine.known_inputs import KnownInput, known_inputs
from nodegraph.engine.naming import NameContext
from nodegraph.engine.report import RunReport
from nodegraph.errors import InvalidWorkflow, Problem
from nodegraph.formats.reading import read_any
from nodegraph.formats.report import Report
from nodegraph.graph.plan import plan
from nodegraph.graph.planned import Plan
from nodegraph.graph.registry import Registry
from nodegraph.graph.replan import replan
from nodegraph.graph.workflow import Workflow
from nodegraph.plugins.loader import Pack, load_packs, registry_of
from nodegraph.provenance import input_files, metadata_of, resolve_seeds
from nodegraph.result import Result

__all__ = ["Session", "default_data_dir", "load_workflow", "run"]

REMEMBERED_PLANS = 16
DISK_CAP = 8 * 2**30

Source = Workflow | str | os.PathLike[str]


def default_data_dir() -> Path:
    """`NODEGRAPH_DATA`, or the platform's place for a user's data."""
    given = os.environ.get("NODEGRAPH_DATA")
    return Path(given) if given else Path(platformdirs.user_data_dir("nodegraph", False))


def cache_folder(data: Path) -> Path:
    """Where the cache on disk lies within a data directory."""
    return data / "cache"


def default_budget() -> int:
    """A quarter of the machine's memory, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4


def load_workflow(path: str | os.PathLike[str]) -> Workflow:
    """Read a workflow from a file of ours or of ComfyUI, or from a picture with one embedded.

    Another program's file is read by the node types that are installed; `Session.load` also
    says what could not be carried over.
    """
    made, report = read_any(path, Registry())
    return read_any(path, registry_of(load_packs()))[0] if report.foreign else made


def _nothing(_: object) -> None:
    return None


@dataclass
class Session:
    """Node types, folders and a cache that several runs share.

    Attributes:
        data: the data directory.
        registry: the node types; by default those of every installed pack.
        model_dirs: more model folders.
        device: the torch device, such as `cpu` or `cuda`.
        dtype: `auto`, `float32`, `float16` or `bfloat16`.
    """

    data: Path = field(default_factory=default_data_dir)
    registry: Registry = field(default_factory=Registry)
    packs: Sequence[Pack] = ()
    model_dirs: Sequence[Path] = ()
    device: str = "cpu"
    dtype: str = "auto"
    cache: MemoryCache = field(default_factory=lambda: MemoryCache(default_budget()))
    _contents: Contents = field(default_factory=Contents)
    _plans: dict[tuple[str, tuple[str, ...] | None], Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.cache, TieredCache):
            self._contents.kept = self.cache.disk

    @classmethod
    def open(
        cls,
        data: str | os.PathLike[str] | None = None,
        *,
        cache_memory: int | None = None,
        cache_disk: int | None = None,
        **options: Any,
    ) -> Session:
        """A session with every installed node pack.

        Args:
            cache_memory: bytes that values kept in memory may take, models included; by default
                a quarter of the machine's memory.
            cache_disk: bytes that values kept on disk may take; by default 8 GiB.
        """
        packs = load_packs()
        folder = Path(data) if data is not None else default_data_dir()
        disk = DiskCache(cache_folder(folder), DISK_CAP)
        options.setdefault("cache", TieredCache(default_budget(), disk=disk))
        made = cls(folder, registry_of(packs), packs, **options)
        made.limit_cache(cache_memory, cache_disk)
        return made

    def limit_cache(self, memory: int | None = None, disk: int | None = None) -> None:
        """Set how many bytes the cached values may take; None leaves a limit as it is."""
        if memory is not None:
            self.cache.limit(memory)
        if disk is not None and isinstance(self.cache, TieredCache) and self.cache.disk is not None:
            self.cache.disk.cap = disk

    def release_memory(self) -> None:
        """Ask every node pack to let go of what it holds and does not use."""
        for pack in self.packs:
            if pack.release is not None:
                pack.release()

    def files(self, output_dir: Path | None = None, beside: Path | None = None) -> Files:
        """The folders of a run; input files may also lie `beside` the workflow."""
        builtin: dict[str, dict[str, Path]] = {}
        for pack in self.packs:
            for kind, models in pack.models.items():
                builtin.setdefault(kind, {}).update(models)
        inputs = [self.data / "input", *([beside] if beside is not None else [])]
        return Files(
            self.data,
            output_dir or self.data / "outputs",
            inputs,
            self.model_dirs,
            builtin,
            contents=self._contents,
        )

    def load(self, path: str | os.PathLike[str]) -> tuple[Workflow, Report]:
        """Read a workflow file of any kind, and what could not be carried over from it.

        Raises:
            WorkflowFileError, InvalidWorkflow: it holds no workflow, or a malformed one.
        """
        return read_any(path, self.registry)

    def plan(self, workflow: Workflow, files: Files, only: Sequence[str] | None = None) -> Plan:
        """Check a workflow against what is installed; what is unchanged is not checked again."""
        place = (workflow.name, tuple(only) if only is not None else None)
        previous = self._plans.pop(place, None)
        made = replan(previous, workflow, self.registry, files) if previous is not None else None
        if made is None:
            made = plan(workflow, self.registry, names=files, only=only)
        self._plans[place] = made
        while len(self._plans) > REMEMBERED_PLANS:
            del self._plans[next(iter(self._plans))]
        return made

    def check_inputs(self, workflow: Workflow, files: Files) -> list[Problem]:
        """Tell `files` what the input files held when this workflow's result was made.

        Returns:
            A problem for each file that holds something else by now, while what it held is not
            found anywhere: another picture is never taken for the one that is meant.
        """
        if not files.any_path:
            return []
        made_with = (workflow.model_extra or {}).get("made_with")
        written = made_with.get("inputs") if isinstance(made_with, dict) else None
        files.known_inputs = known_inputs(written)
        if not files.known_inputs:
            return []
        return [
            _replaced(node, field, name, found)
            for name, (node, field) in input_files(workflow, self.registry).items()
            if (found := files.replaced_input(name)) is not None
        ]

    def _held(self, workflow: Workflow, files: Files) -> dict[str, KnownInput]:
        """What the input files of a workflow hold."""
        names = input_files(workflow, self.registry)
        return {name: KnownInput.of(files.input(name)) for name in names if files.has_input(name)}

    def run(
        self,
        source: Source,
        inputs: Mapping[str, Any] | None = None,
        *,
        output_dir: str | os.PathLike[str] | None = None,
        only: Sequence[str] | None = None,
        emit: Emit = _nothing,
        cancel: CancelToken | None = None,
        use_cache: bool = True,
        previews: bool = False,
        scope: str | None = None,
    ) -> Result:
        """Run a workflow, or a file that holds one.

        Args:
            inputs: values by declared input name, or by `node.field`.
            output_dir: where results go; by default `outputs` in the data directory.
            only: ids of the nodes to run, with what they need; by default all effect nodes.
            emit: called with every event, from several threads.
            use_cache: false runs everything anew.
            previews: whether anybody looks at the previews among the events.
            scope: runs that are told apart when it is said what changed since the last one; by
                default those of one file, or of workflows of one name.

        Raises:
            WorkflowFileError, InvalidWorkflow: the workflow cannot run.
            OutputError: the output folder cannot be written.
        """
        workflow = source if isinstance(source, Workflow) else self.load(source)[0]
        workflow = resolve_seeds(workflow.set_inputs(inputs or {}), self.registry)
        out = Path(output_dir).resolve() if output_dir is not None else None
        files = self.files(out, None if isinstance(source, Workflow) else _folder_of(source))
        if problems := self.check_inputs(workflow, files):
            raise InvalidWorkflow.of(problems)
        planned = self.plan(workflow, files, only)
        files.check_output_dir()
        environment = Environment(
            files,
            self.device,
            self.dtype,
            metadata_of(workflow, self.registry, self.device, self._held(workflow, files)),
            NameContext(_nameable(planned)),
            self.registry.pack_codes,
            previews=previews,
            registry=self.registry,
            on_pressure=self.release_memory,
            scope=_scope(source, workflow, scope),
        )
        cached = self.cache if use_cache else MemoryCache(self.cache.budget)
        wanted = _declared_values(planned)
        report = execute(
            planned,
            cached,
            emit,
            environment,
            cancel=cancel,
            keep=tuple(n for n, _ in wanted.values()),
        )
        return Result.of(workflow, report, _given(wanted, report))


def _folder_of(file: str | os.PathLike[str]) -> Path:
    return Path(file).resolve().parent


def _given(wanted: Mapping[str, tuple[str, int]], report: RunReport) -> dict[str, Any]:
    """The values of the declared outputs that there are."""
    return {
        label: report.values[node][output]
        for label, (node, output) in wanted.items()
        if node in report.values
    }


def _scope(source: Source, workflow: Workflow, given: str | None) -> str:
    """What keeps apart the memories of what was run before."""
    if isinstance(source, Workflow):
        kinds = sorted((name, entry.type) for name, entry in workflow.nodes.items())
        own = workflow.name or blake3(repr(kinds).encode()).hexdigest()
    else:
        own = str(Path(source).resolve())
    return own if given is None else f"{given}\0{own}"


def _replaced(node: str, field: str, name: str, found: Path) -> Problem:
    text = (
        f"the file '{found}' is not what the input file '{name}' was when this was made, and "
        f"that is not found; to use it all the same, give it as a path: '{found}'"
    )
    return Problem("input_file_replaced", text, node=node, field=field, got=name)


def _nameable(planned: Plan) -> dict[str, dict[str, Any]]:
    """The values that file names may hold: literals and defaults, but no secrets."""
    return {
        node.id: {
            name: value
            for name, value in node.literals.items()
            if name not in node.type.secret_names and name not in node.extras
        }
        for node in planned.nodes
    }


def _declared_values(planned: Plan) -> dict[str, tuple[str, int]]:
    """The declared outputs that are values on a wire: label -> node and output number."""
    found: dict[str, tuple[str, int]] = {}
    for label, ref in planned.workflow.outputs.items():
        if ref.node not in planned.by_id:
            continue
        node = planned.nodes[planned.by_id[ref.node]]
        number = node.output_number(ref.output) if ref.output is not None else None
        if number is None and ref.output is None and len(node.outputs) == 1:
            number = 0
        if number is not None:
            found[label] = (ref.node, number)
    return found


@cache
def _shared_session() -> Session:
    return Session.open()


def run(
    source: Source,
    /,
    *,
    session: Session | None = None,
    output_dir: str | os.PathLike[str] | None = None,
    **inputs: Any,
) -> Result:
    """Run a workflow file or a `Workflow`, with its declared inputs as keywords.

    Calls in one process share a session, so what did not change is not made again.

    Raises:
        NodegraphError: the workflow cannot run, or a node failed.
    """
    used = session or _shared_session()
    return used.run(source, inputs, output_dir=output_dir).raise_for_errors()
