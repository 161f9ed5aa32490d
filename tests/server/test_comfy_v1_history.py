"""The history as version 1 clients read it."""

import asyncio
import json
from typing import Any

import pytest

from nodegraph.jobs.service import Service
from nodegraph.server import comfy_v1, comfy_v1_history
from nodegraph.server.settings import Settings
from tests.jobs.making import saying as native
from tests.jobs.serving import run
from tests.server.conftest import Client, Serve
from tests.server.v1 import PATIENCE, begun, finished, get, lasting, node, post, prompt, saying


async def done(client: Client, count: int) -> list[str]:
    """The ids of some finished jobs, oldest first."""
    made = []
    for number in range(count):
        made.append(await prompt(client, saying(str(number))))
        await finished(client, made[-1])
    return made


async def test_the_newest_are_last(client: Client) -> None:
    ids = await done(client, 4)
    assert list(await get(client, "/history")) == ids
    assert list(await get(client, "/api/history?max_items=2")) == ids[2:]
    assert list(await get(client, "/history?max_items=0")) == []


async def test_an_offset_counts_from_the_oldest(client: Client) -> None:
    ids = await done(client, 4)
    assert list(await get(client, "/history?max_items=2&offset=1")) == ids[1:3]
    assert list(await get(client, "/history?offset=3")) == ids[3:]
    assert list(await get(client, "/history?offset=99")) == []
    assert list(await get(client, "/history?max_items=1&offset=-1")) == ids[3:]


@pytest.mark.parametrize("query", ["max_items=-1", "max_items=x", "offset=x", "offset=99e99"])
async def test_a_wrong_part_is_refused(client: Client, query: str) -> None:
    said = await get(client, f"/history?{query}", 400)
    assert said["error"]["type"] == "invalid_request"


async def test_one_answer_holds_a_bounded_number(client: Client, service: Service) -> None:
    for number in range(205):
        await service.submit({**native(str(number)), "name": "same"})
    last = await service.submit(native("last"))
    await finished(client, last.job.id)
    found = await get(client, "/history?max_items=100000")
    assert len(found) == 200
    assert last.job.id in found
    assert len(await get(client, "/history?max_items=100000&offset=0")) == 200
    assert len(await get(client, "/history?offset=200")) == 6


async def test_it_is_read_from_the_store(client: Client, service: Service) -> None:
    (job_id,) = await done(client, 1)
    before = await get(client, f"/history/{job_id}")
    service._hub.forget(job_id)  # what is in memory of it; the store is all that a restart leaves
    assert await get(client, f"/history/{job_id}") == before


async def test_what_is_not_there_is_empty(client: Client) -> None:
    assert await get(client, "/history/nobody") == {}
    assert await get(client, "/api/history/..%2F..%2Fetc") == {}
    runs = await prompt(client, lasting())
    await begun(client, runs)
    assert await get(client, f"/history/{runs}") == {}
    assert await get(client, "/history") == {}


async def test_finished_jobs_are_forgotten_one_by_one_or_all(
    client: Client, service: Service
) -> None:
    ids = await done(client, 4)
    await post(client, "/history", {"delete": ids[:1]})
    assert list(await get(client, "/history")) == ids[1:]
    await service.pin(ids[2], True)
    runs = await prompt(client, lasting())
    await begun(client, runs)
    await post(client, "/history", {"clear": True})
    assert list(await get(client, "/history")) == [ids[2]]
    await post(client, "/history", {"delete": [runs]})  # it runs: it stays
    assert (await get(client, f"/jobs/{runs}"))["status"] == "in_progress"
    file = {"filename": "text_00001.txt", "type": "output"}
    assert (await client.get("/view", params=file)).status == 200  # what was made stays


async def test_the_messages_tell_of_reuse(client: Client) -> None:
    first, second = [await prompt(client, saying(name=name)) for name in ("a", "b")]
    messages = (await finished(client, first))["status"]["messages"]
    assert [event for event, _ in messages] == [
        "execution_start",
        "execution_cached",
        "execution_success",
    ]
    assert messages[0][1]["prompt_id"] == first
    assert messages[0][1]["timestamp"] > 1e12
    assert messages[1][1]["nodes"] == []
    messages = (await finished(client, second))["status"]["messages"]
    assert sorted(messages[1][1]["nodes"]) == ["1", "2"]


async def test_a_failure_says_where_and_why(client: Client) -> None:
    document = {"1": node("Wrong", text="x"), "2": node("SaveText", text=["1", 0])}
    entry = await finished(client, await prompt(client, document))
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["completed"] is False
    event, data = entry["status"]["messages"][-1]
    assert event == "execution_error"
    assert (data["node_id"], data["node_type"]) == ("1", "Wrong")
    assert data["exception_type"] == "KeyError"
    assert data["exception_message"]
    assert data["traceback"]
    assert data["current_inputs"] == {"text": ["x"]}
    assert data["executed"] == []


async def test_a_job_of_our_format_is_shown_in_the_api_format(
    client: Client, service: Service
) -> None:
    job = await run(service, native("hello"))
    entry = (await get(client, f"/history/{job.id}"))[job.id]
    assert entry["prompt"][2]["save"]["class_type"] == "SaveText"
    assert entry["prompt"][2]["save"]["inputs"]["text"] == ["join", 0]
    assert entry["prompt"][4] == ["save"]
    again = await prompt(client, entry["prompt"][2])
    assert (await finished(client, again))["status"]["status_str"] == "success"


async def test_a_text_that_is_shown_is_an_output(client: Client) -> None:
    document = {"1": node("Echo", value="shown"), "2": node("ShowText", text=["1", 0])}
    entry = await finished(client, await prompt(client, document))
    assert entry["outputs"] == {"2": {"text": ["shown"]}}


async def test_users_see_their_own_only(serve: Serve) -> None:
    tokens = {Settings.digest_of(name): name for name in ("ann", "bob")}
    client = await serve(Settings(tokens=tokens))
    ann, bob = ({"Authorization": f"Bearer {name}"} for name in ("ann", "bob"))
    made = await client.post("/prompt", json={"prompt": saying()}, headers=ann)
    job_id = (await made.json())["prompt_id"]

    async def see(path: str, headers: dict[str, str]) -> Any:
        return await (await client.get(path, headers=headers)).json()

    while not (entry := await see(f"/history/{job_id}", ann)):
        pass
    (file,) = entry[job_id]["outputs"]["3"]["texts"]
    assert await see(f"/history/{job_id}", bob) == {}
    assert await see("/history", bob) == {}
    assert (await see("/jobs", bob))["jobs"] == []
    assert (await client.get(f"/jobs/{job_id}", headers=bob)).status == 404
    assert (await client.post(f"/jobs/{job_id}/cancel", headers=bob)).status == 404
    answer = await client.post("/history", json={"delete": [job_id]}, headers=bob)
    assert answer.status == 404
    assert (await client.get("/view", params=file, headers=bob)).status == 404
    assert await (await client.get("/view", params=file, headers=ann)).text() == "hello!"
    assert (await client.get("/history")).status == 401


async def test_very_long_workflows_do_not_make_endless_answers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await done(client, 3)
    monkeypatch.setattr(comfy_v1_history, "_MOST_BYTES", 1)
    monkeypatch.setattr(comfy_v1_history, "_CHUNK", 1)
    assert list(await get(client, "/history")) == ids[-1:]
    assert list(await get(client, "/history?offset=1")) == ids[1:2]
    runs = await prompt(client, lasting())
    await begun(client, runs)
    waits = await prompt(client, saying("long"))
    monkeypatch.setattr(comfy_v1, "_MOST_BYTES", len(json.dumps(lasting())) + 1)
    found = await get(client, "/queue")
    assert found["queue_running"][0][1:3] == [runs, lasting()]
    assert found["queue_pending"][0][1:3] == [waits, {}]


async def test_a_job_that_ends_between_two_looks_is_not_lost(client: Client) -> None:
    name = await prompt(client, lasting())
    await begun(client, name)
    assert await get(client, f"/history/{name}") == {}
    await post(client, "/interrupt", {"prompt_id": name})
    async with asyncio.timeout(PATIENCE):
        while (await get(client, f"/jobs/{name}"))["status"] == "in_progress":
            await asyncio.sleep(0.01)
    for expected in ([name], []):
        queue = await get(client, "/queue")
        assert [entry[1] for entry in queue["queue_running"]] == expected
    assert name in await get(client, f"/history/{name}")
