"""`nodegraph run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nodegraph.cli.devices import check_device_name, check_dtype_name, choose_device
from nodegraph.cli.explain import node_table
from nodegraph.cli.failures import CANCELLED, Failure
from nodegraph.cli.foreign import tell
from nodegraph.cli.places import Places, packs_note
from nodegraph.cli.progress import reporter_on
from nodegraph.cli.settings import name_settings, read_settings, split_settings
from nodegraph.cli.shell import Shell, shown
from nodegraph.cli.stopping import Stopper
from nodegraph.cli.summary import drawn_seeds, summary
from nodegraph.engine.context import CancelToken
from nodegraph.errors import InvalidWorkflow
from nodegraph.formats.reading import read_any
from nodegraph.formats.report import Report
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import Workflow
from nodegraph.result import Result

__all__ = ["RunOptions", "run"]

_EXIT = {"succeeded": 0, "failed": 1, "canceled": CANCELLED}
_STOPPED = Failure("canceled", CANCELLED, ("cancelled",), ())


@dataclass(frozen=True)
class RunOptions:
    """What was asked for on the command line."""

    file: Path
    settings: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    output_dir: Path | None = None
    explain: bool = False
    use_cache: bool = True
    device: str = "auto"
    dtype: str = "auto"
    places: Places = field(default_factory=Places)
    cache_memory: int | None = None
    cache_disk: int | None = None


def run(shell: Shell, options: RunOptions) -> int:
    """Run a workflow and report how it went; what is wrong with the file is found at once."""
    check_device_name(options.device)
    check_dtype_name(options.dtype)
    texts = split_settings(options.settings)
    checked = read_any(options.file, Registry())
    with shell.reserved():
        workflow, result = _run(shell, options, checked, texts)
    seeds = drawn_seeds(workflow, texts, result.workflow)
    if shell.json:
        shell.document({**document(result, seeds, options.explain), **shell.imported})
    else:
        for line in summary(result, seeds):
            shell.print(line)
        if options.explain:
            shell.print(node_table(result))
    if result.status == "canceled":
        shell.say("cancelled")
    for error in result.errors:
        log = [f"  the details are in {error.log}"] if error.log else []
        shell.complain([f"node '{error.node}' ({error.type}): {error.message}", *log])
    return _EXIT[result.status]


def _run(
    shell: Shell,
    options: RunOptions,
    checked: tuple[Workflow, Report],
    texts: Mapping[str, str],
) -> tuple[Workflow, Result]:
    """Run `checked`, or what the file is read as once the node types are known."""
    workflow, report = checked
    token = CancelToken()
    asked = partial(shell.say, "cancelling ... press Ctrl-C again to stop at once", "yellow")
    leave = partial(shell.leave, CANCELLED, _STOPPED.document())
    with reporter_on(shell.err) as reporter, Stopper(token, asked, leave) as stopper:
        session = options.places.open(shell)
        session.device, session.dtype = choose_device(options.device), options.dtype
        session.limit_cache(options.cache_memory, options.cache_disk)
        if report.foreign:
            workflow, report = session.load(options.file)
            tell(shell, options.file, report)
        stopper.begin()
        try:
            return workflow, session.run(
                options.file,
                read_settings(texts, workflow, session.registry),
                output_dir=options.output_dir,
                only=options.only or None,
                emit=reporter,
                cancel=token,
                use_cache=options.use_cache,
            )
        except InvalidWorkflow as error:
            if any(p.code == "missing_node_type" for p in error.problems):
                for line in packs_note(session):
                    shell.say(line)
            raise name_settings(error, texts, workflow) from None


def document(result: Result, seeds: Mapping[str, Any], explain: bool) -> dict[str, Any]:
    """The JSON form: the result's, with paths as people read them."""
    made = result.to_dict()
    for output in made["outputs"]:
        if "path" in output:
            output["path"] = shown(output["path"])
    if explain:
        for name, done in result.nodes.items():
            made["nodes"][name] |= {"bytes": done.nbytes, "key": done.key}
    return {**made, "seeds": dict(seeds)} if seeds else made
