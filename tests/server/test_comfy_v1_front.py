"""What a version 1 front end asks when it starts."""

import json
from pathlib import Path
from typing import Any

import pytest

from nodegraph.jobs.service import Service
from nodegraph.server.settings import Settings
from tests.jobs.making import saying
from tests.jobs.serving import run
from tests.server.conftest import Client, Serve


async def ask(client: Client, path: str, status: int = 200) -> Any:
    answer = await client.get(path)
    assert answer.status == status, await answer.text()
    return await answer.json()


@pytest.mark.parametrize(
    "path",
    [
        "/i18n",
        "/workflow_templates",
        "/global_subgraphs",
        "/node_replacements",
        "/internal/folder_paths",
    ],
)
async def test_there_is_nothing_of_some_things(client: Client, path: str) -> None:
    assert await ask(client, path) == {}
    assert await ask(client, f"/api{path}") == {}


async def test_there_is_no_global_subgraph(client: Client) -> None:
    await ask(client, "/global_subgraphs/x", 404)


def add_model(service: Service, kind: str, name: str, data: bytes = b"") -> None:
    path = service.data / "models" / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


async def test_models_are_listed_by_kind(client: Client, service: Service) -> None:
    add_model(service, "loras", "a.safetensors", b"1234")
    add_model(service, "loras", "sub/b.safetensors")
    add_model(service, "embeddings", "easy.negative.safetensors")
    assert {"loras", "embeddings"} <= {*await ask(client, "/models")}
    names = ["a.safetensors", "sub/b.safetensors"]
    assert await ask(client, "/models/loras") == names
    assert await ask(client, "/embeddings") == ["easy.negative"]
    kinds = await ask(client, "/experiment/models")
    assert {"name": "loras", "folders": []} in kinds
    found = await ask(client, "/experiment/models/loras")
    assert [(one["name"], one["pathIndex"], one["size"]) for one in found] == [
        ("a.safetensors", 0, 4),
        ("sub/b.safetensors", 0, 0),
    ]
    for path in ("/models/none", "/experiment/models/none", "/models/..%2F.."):
        await ask(client, path, 404)


async def test_a_model_says_what_its_file_says(client: Client, service: Service) -> None:
    head = json.dumps({"__metadata__": {"ss_tag": "red"}, "x": {}}).encode()
    add_model(service, "loras", "a.safetensors", len(head).to_bytes(8, "little") + head)
    add_model(service, "loras", "long.safetensors", b"\xff" * 20)
    add_model(service, "loras", "bad.safetensors", b"\x04" + bytes(7) + b"nope")
    add_model(
        service, "loras", "deep.safetensors", (100_000).to_bytes(8, "little") + b"[" * 100_000
    )
    add_model(service, "loras", "empty.safetensors")
    assert await ask(client, "/view_metadata/loras?filename=a.safetensors") == {"ss_tag": "red"}
    for name in ("long", "bad", "deep", "empty", "none", "..%2F..%2Fnodegraph"):
        await ask(client, f"/view_metadata/loras?filename={name}.safetensors", 404)
    await ask(client, "/view_metadata/none?filename=a", 404)


async def test_extensions_are_those_of_the_front_end(
    client: Client, serve: Serve, tmp_path: Path
) -> None:
    assert await ask(client, "/extensions") == []
    script = tmp_path / "front" / "extensions" / "core" / "a.js"
    script.parent.mkdir(parents=True)
    script.touch()
    (script.parent / "a.js.map").touch()
    other = await serve(Settings(front_end=tmp_path / "front"))
    assert await ask(other, "/api/extensions") == ["/extensions/core/a.js"]


async def test_features_say_what_the_socket_says(client: Client) -> None:
    found = await ask(client, "/features")
    assert found == {"supports_preview_metadata": True, "max_upload_size": Settings().max_upload}


async def test_figures_of_the_machine(client: Client) -> None:
    found = await ask(client, "/system_stats")
    assert found["system"]["ram_total"] >= found["system"]["ram_free"] > 0
    assert found["system"]["python_version"]
    assert found["system"]["comfyui_version"]
    (device, *_) = found["devices"]
    assert set(device) >= {
        "name",
        "type",
        "index",
        "vram_total",
        "vram_free",
        "torch_vram_total",
        "torch_vram_free",
    }


async def test_some_jobs_are_cancelled_at_once(client: Client, service: Service) -> None:
    done = await run(service, saying())
    theirs = await service.submit(saying("theirs"), owner="ann")
    await service.pause(True)
    mine = [(await service.submit(saying(str(n)))).job.id for n in range(2)]
    kept = (await service.submit(saying("kept"))).job.id
    for path in ("/jobs/cancel", "/api/jobs/cancel"):
        asked = {"job_ids": [*mine, mine[0], done.id, theirs.job.id, "none"]}
        answer = await client.post(path, json=asked)
        assert answer.status == 200
        assert await answer.json() == {"cancelled": mine if path == "/jobs/cancel" else []}
    assert [job.id for job in await service.waiting("local")] == [kept]
    assert (await service.get(theirs.job.id)).status != "canceled"
    wrong: list[dict[str, Any]] = [{}, {"job_ids": []}, {"job_ids": [1]}]
    for body in wrong:
        assert (await client.post("/jobs/cancel", json=body)).status == 400
