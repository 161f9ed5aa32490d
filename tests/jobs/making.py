"""Short ways to say what tests need."""

import json
from typing import Any

from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.model import Job, NewJob
from nodegraph.jobs.recording import record
from nodegraph.jobs.store import JobStore


def new_job(owner: str = "ann", client: str = "", **more: Any) -> NewJob:
    document = json.dumps({"nodegraph": 1, "nodes": {}})
    return NewJob(owner=owner, client_id=client, source=document, workflow=document, **more)


def add_text(jobs: JobStore, assets: AssetStore, job: Job, text: str, status: Any = None) -> Job:
    """Commit a text output, as a worker's frames would."""
    made = {
        "node": "show",
        "name": "text",
        "type": "text",
        "path": None,
        "text": text,
        "temporary": True,
    }
    return record(jobs, assets, job, [made], status, None)


def workflow(**nodes: dict[str, Any]) -> dict[str, Any]:
    """A workflow in our format; each node is its inputs, with its type under `type`."""
    entries = {}
    for name, inputs in nodes.items():
        values = dict(inputs)
        entries[name] = {"type": values.pop("type"), "inputs": values}
    return {"nodegraph": 1, "nodes": entries}


def link(node: str, output: str = "str") -> dict[str, str]:
    return {"node": node, "output": output}


def saying(text: str = "hello") -> dict[str, Any]:
    """A workflow of three nodes that saves a text."""
    return workflow(
        echo={"type": "Echo", "value": text},
        join={"type": "Join", "first": link("echo"), "second": "!"},
        save={"type": "SaveText", "text": link("join")},
    )


def through(type_name: str, **inputs: Any) -> dict[str, Any]:
    """A workflow that saves what one node makes."""
    return workflow(it={"type": type_name, **inputs}, save={"type": "SaveText", "text": link("it")})
