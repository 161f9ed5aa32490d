"""Requests made of the OpenAPI document, thousands of them if asked: never a 5xx.

NODEGRAPH_SCHEMATHESIS_EXAMPLES says how many are tried of each operation (10 in CI).
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from nodegraph.jobs.service import Service
from nodegraph.server.app import all_routes
from nodegraph.server.openapi import document
from tests.jobs.making import saying, through
from tests.jobs.serving import run
from tests.server.conftest import Client
from tests.server.test_editor_files import png
from tests.server.test_editor_workflows import keep, save

EXAMPLES = int(os.environ.get("NODEGRAPH_SCHEMATHESIS_EXAMPLES", "10"))
STREAMS = "events$"
"""Paths without an end; tests/server/test_editor_events.py and test_stream.py listen to them."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
API = {
    "1": {"class_type": "Echo", "inputs": {"value": "hello"}},
    "2": {"class_type": "SaveText", "inputs": {"text": ["1", 0]}},
}
NAMES = ["w", "a/b", "~tab", "cat.png", "notes/cat.png"]


async def things(client: Client, service: Service) -> list[str]:
    """Ids of jobs and assets that are there; some workflows, drafts and files."""
    job = await run(service, saying())
    failed = await run(service, through("Wrong"))
    await service.pause(True)
    waits = (await service.submit(saying("2"))).job
    picture = service.assets.put([png()], "local", "cat.png", "image/png")
    for name in ("w", "a/b"):
        await save(client, name)
    await keep(client, "~tab", "unsaved")
    (service.input_dir() / "cat.png").write_bytes(png())
    return [job.id, failed.id, waits.id, picture.id, job.outputs[0].asset_id]


def prepared(ids: list[str]) -> dict[str, Any]:
    """The document, with what is really there among what may be sent."""
    made = document(all_routes())
    real = {"id": ids, "name": NAMES}
    for methods in made["paths"].values():
        for operation in methods.values():
            for one in operation.get("parameters", ()):
                if one["in"] == "path" and one["name"] in real:
                    one["schema"] = either(real[one["name"]], one["schema"])
    for schema in made["components"]["schemas"].values():
        fields = schema.get("properties", {})
        for name in ("document", "workflow"):
            if fields.get(name, {}).get("type") == "object":
                fields[name] = either([saying(), API, through("Dice", seed="random")], fields[name])
        for name in ("asset_id", "before"):
            if name in fields:
                fields[name] = either(ids, fields[name])
    return made


def either(known: list[Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"enum": known}, schema]}


@pytest.mark.slow
async def test_no_request_makes_the_server_fail(
    client: Client, service: Service, tmp_path: Path
) -> None:
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(prepared(await things(client, service))))
    common = [sys.executable, "-m", "schemathesis.cli", "run", str(described)]
    common += ["--url", str(client.make_url("/")), "--checks", ",".join(CHECKS)]
    common += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)]
    common += ["--continue-on-failure", "--generation-database", "none", "--no-color"]
    common += ["--request-timeout", "30", "--exclude-path-regex", STREAMS]
    common += ["--suppress-health-check", "all"]  # of how long it takes to make up requests
    for kept, chosen in (
        ("what is there stays there", ["--exclude-method", "DELETE"]),
        ("now it goes", ["--include-method", "DELETE"]),
    ):
        said = await output_of([*common, *chosen], tmp_path)
        assert said is None, f"{kept}: {said}"
    assert (await client.get("/api/v2/health")).status == 200


async def output_of(command: list[str], folder: Path) -> str | None:
    """What a program said if it failed."""
    child = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await child.communicate()
    return said.decode(errors="replace")[-20_000:] if child.returncode else None
