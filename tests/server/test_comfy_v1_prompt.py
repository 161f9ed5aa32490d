"""Prompts, the queue and stopping, as version 1 clients do it."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from nodegraph.jobs.service import Service
from tests.server.conftest import Client
from tests.server.v1 import begun, finished, get, lasting, node, post, prompt, saying


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_a_prompt_runs_and_its_history_says_where_the_file_is(
    client: Client, prefix: str
) -> None:
    made = await post(client, f"{prefix}/prompt", {"prompt": saying(), "client_id": "tab"})
    assert made == {"prompt_id": made["prompt_id"], "number": made["number"], "node_errors": {}}
    entry = await finished(client, made["prompt_id"])
    assert entry["prompt"][:3] == [made["number"], made["prompt_id"], saying()]
    assert entry["prompt"][3]["client_id"] == "tab"
    assert entry["prompt"][4] == ["3"]
    (file,) = entry["outputs"]["3"]["texts"]
    assert file == {"filename": "text_00001.txt", "subfolder": "", "type": "output"}
    assert entry["status"]["status_str"] == "success"
    assert entry["status"]["completed"] is True
    assert entry["meta"]["3"]["display_node"] == "3"
    answer = await client.get(f"{prefix}/view", params=file)
    assert await answer.text() == "hello!"


async def test_what_a_client_chooses_is_kept(client: Client, service: Service) -> None:
    chosen = str(uuid.uuid4())
    extra = {
        "extra_pnginfo": {"workflow": {"id": "mine", "nodes": []}},
        "client_id": "from extra",
        "api_key_comfy_org": "secret",
        "auth_token_comfy_org": "secret",
    }
    assert await prompt(client, saying(), prompt_id=chosen, extra_data=extra) == chosen
    entry = await finished(client, chosen)
    assert entry["prompt"][3]["extra_pnginfo"] == extra["extra_pnginfo"]
    assert entry["prompt"][3]["client_id"] == "from extra"
    job = await service.get(chosen)
    assert job.client_id == "from extra"
    assert "secret" not in json.dumps(job.extra)
    again = await post(client, "/prompt", {"prompt": saying(), "prompt_id": chosen}, 400)
    assert again["error"]["type"] == "invalid_prompt_id"
    wrong = await post(client, "/prompt", {"prompt": saying(), "prompt_id": "../x"}, 400)
    assert wrong["error"]["type"] == "invalid_prompt_id"


async def test_only_the_wanted_outputs_run(client: Client) -> None:
    document = saying() | {"4": node("SaveText", text=["1", 0], name="other")}
    job_id = await prompt(client, document, partial_execution_targets=["4"])
    entry = await finished(client, job_id)
    assert set(entry["outputs"]) == {"4"}
    assert entry["prompt"][4] == ["4"]


async def test_a_body_without_a_content_type_is_taken(client: Client) -> None:
    data = json.dumps({"prompt": saying()}).encode()
    answer = await client.post(
        "/prompt", data=data, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "no_prompt"),
        ({"prompt": None}, "no_prompt"),
        ({"prompt": []}, "invalid_prompt"),
        ({"prompt": "x"}, "invalid_prompt"),
        ({"prompt": {}, "front": {}}, "invalid_request"),
        ({"prompt": {}, "extra_data": []}, "invalid_request"),
        ([], "invalid_request"),
    ],
)
async def test_a_malformed_body_is_refused(client: Client, body: Any, kind: str) -> None:
    said = await post(client, "/prompt", body, 400)
    assert said["error"]["type"] == kind
    assert said["error"]["message"]
    assert said["node_errors"] == {}


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b'{"prompt": NaN}'])
async def test_a_body_that_is_no_json_is_refused(client: Client, data: bytes) -> None:
    answer = await client.post("/prompt", data=data)
    assert answer.status == 400
    assert (await answer.json())["error"]["type"]


async def test_a_file_of_the_editor_is_no_prompt(client: Client) -> None:
    said = await post(client, "/prompt", {"prompt": {"nodes": [], "links": []}}, 400)
    assert said["error"]["type"] == "workflow_format_ui"


async def test_the_queue_shows_what_runs_and_waits_and_can_be_cleared(client: Client) -> None:
    runs = await prompt(client, lasting())
    await begun(client, runs)
    first, second, third = [await prompt(client, saying(str(i))) for i in range(3)]
    front = await prompt(client, saying("front"), front=True)
    found = await get(client, "/queue")
    (running,) = found["queue_running"]
    assert running[1:3] == [runs, lasting()]
    assert [entry[1] for entry in found["queue_pending"]] == [front, first, second, third]
    assert (await get(client, "/prompt"))["exec_info"]["queue_remaining"] == 5
    assert await get(client, f"/history/{first}") == {}

    await post(client, "/queue", {"delete": [second]})
    await post(client, "/queue", {"delete": [runs]})  # it runs: not taken out of the queue
    assert (await get(client, "/prompt"))["exec_info"]["queue_remaining"] == 4
    await post(client, "/queue", {"clear": True})
    found = await get(client, "/queue")
    assert ([e[1] for e in found["queue_running"]], found["queue_pending"]) == ([runs], [])
    entry = await finished(client, second)
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"

    await post(client, "/interrupt", {"prompt_id": first})  # it does not run: nothing is stopped
    assert (await get(client, f"/jobs/{runs}"))["status"] == "in_progress"
    await post(client, "/interrupt", {"prompt_id": runs})
    assert (await finished(client, runs))["status"]["messages"][-1][0] == "execution_interrupted"


async def test_an_interrupt_without_an_id_stops_what_runs(client: Client) -> None:
    runs = await prompt(client, lasting())
    await begun(client, runs)
    after = await prompt(client, saying())
    answer = await client.post("/interrupt")
    assert answer.status == 200
    entry = await finished(client, runs)
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["completed"] is False
    event, data = entry["status"]["messages"][-1]
    assert (event, data["node_id"], data["prompt_id"]) == ("execution_interrupted", "1", runs)
    assert (await finished(client, after))["status"]["status_str"] == "success"


async def test_a_job_that_is_not_there_is_not_found(client: Client) -> None:
    for path, body in (
        ("/interrupt", {"prompt_id": "nobody"}),
        ("/queue", {"delete": ["nobody"]}),
        ("/history", {"delete": ["nobody"]}),
        ("/jobs/nobody/cancel", None),
    ):
        said = await post(client, path, body, 404)
        assert "nobody" in said["error"]["message"]


async def test_memory_is_let_go_of(client: Client, service: Service) -> None:
    first = await prompt(client, saying())
    await finished(client, first)
    answer = await client.post("/free", json={"unload_models": True, "free_memory": True})
    assert answer.status == 200
    await asyncio.sleep(0.2)
    again = await prompt(client, saying(name="again"))
    await finished(client, again)
    reports = (await service.get(again)).nodes or {}
    assert {reports[name]["status"] for name in "12"} == {"ran"}


async def test_a_full_queue_says_when_to_come_back(
    service: Service, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = await prompt(client, lasting())
    await begun(client, runs)
    monkeypatch.setattr(service._stores.jobs, "limit", 1)
    await prompt(client, saying())
    answer = await client.post("/prompt", json={"prompt": saying()})
    assert answer.status == 429
    assert answer.headers["Retry-After"]
    assert (await answer.json())["error"]["type"] == "queue_full"
