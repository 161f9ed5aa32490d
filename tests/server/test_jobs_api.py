"""Jobs over the native API: what is taken, what is refused, what is answered."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from comfy_low import models as contract

from nodegraph.jobs.service import Service
from nodegraph.server.app import make_app
from nodegraph.server.settings import Settings
from tests.jobs.making import link, saying, through, workflow
from tests.jobs.serving import PATIENCE, serving
from tests.server.conftest import Client

API_FORMAT = {
    "1": {"class_type": "Echo", "inputs": {"value": "hello"}},
    "2": {"class_type": "SaveText", "inputs": {"text": ["1", 0]}, "_meta": {"title": "save"}},
}


async def post(client: Client, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    async with client.post("/api/v2/jobs", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def get(client: Client, path: str) -> dict[str, Any]:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def submit(client: Client, document: dict[str, Any], **more: Any) -> dict[str, Any]:
    status, job = await post(client, {"workflow": document, **more})
    assert status == 201, job
    return job


async def finished(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while job["status"] not in ("succeeded", "failed", "canceled"):
            job = await get(client, job["urls"]["self"])
    return job


@pytest.fixture
async def held(client: Client, service: Service) -> Client:
    """A client of a server whose queue is paused."""
    await service.pause(True)
    return client


async def test_a_job_is_as_the_contract_has_it(client: Client) -> None:
    made = await submit(client, saying("there"))
    contract.Job.model_validate(made)
    job = await finished(client, made)
    contract.Job.model_validate(job)
    assert job["status"] == "succeeded"
    assert job["progress"]["value"] == 1
    assert job["metrics"]["execution_ms"] >= 0
    (output,) = job["outputs"]
    assert (output["node_id"], output["type"]) == ("save", "text")
    assert output["name"].endswith(".txt")
    assert output["size_bytes"] == len("there!")
    assert output["job_id"] == job["id"]


async def test_the_api_format_is_taken_and_given_back(client: Client) -> None:
    job = await finished(client, await submit(client, API_FORMAT))
    assert job["status"] == "succeeded"
    found = await get(client, f"/api/v2/jobs/{job['id']}/workflow")
    assert found == {"workflow": API_FORMAT, "format": "api"}
    ran = await get(client, f"/api/v2/jobs/{job['id']}/workflow?executed=true")
    assert ran["format"] == "save"
    assert ran["workflow"]["nodes"]["1"]["type"] == "Echo"


async def test_our_own_format_comes_back_as_it_was_and_as_it_ran(client: Client) -> None:
    document = through("Dice", seed="random")
    job = await finished(client, await submit(client, document))
    path = f"/api/v2/jobs/{job['id']}/workflow"
    assert await get(client, path) == {"workflow": document, "format": "save"}
    contract.JobWorkflowResponse.model_validate(await get(client, path))
    ran = await get(client, f"{path}?executed=true")
    assert isinstance(ran["workflow"]["nodes"]["it"]["inputs"]["seed"], int)


async def test_a_job_that_fails_says_where(client: Client) -> None:
    job = await finished(client, await submit(client, through("Wrong", text="?")))
    assert job["status"] == "failed"
    assert job["error"]["node_id"] == "it"
    assert job["error"]["class_type"] == "Wrong"
    contract.Job.model_validate(job)


async def test_only_asked_for_nodes_run(client: Client) -> None:
    document = workflow(
        echo={"type": "Echo"},
        one={"type": "SaveText", "text": link("echo"), "name": "one"},
        two={"type": "SaveText", "text": link("echo"), "name": "two"},
    )
    job = await finished(client, await submit(client, document, targets=["two"]))
    assert [output["node_id"] for output in job["outputs"]] == ["two"]


async def test_all_problems_of_a_workflow_come_at_once(client: Client) -> None:
    document = workflow(
        a={"type": "Echoo"},
        b={"type": "Slow", "steps": "many"},
        c={"type": "SaveText", "text": link("nobody")},
        d={"type": "SaveText", "text": link("a")},
        e={"type": "SaveText", "text": link("b")},
    )
    status, body = await post(client, {"workflow": document})
    assert (status, body["error"]["code"]) == (422, "invalid_workflow")
    problems = body["error"]["details"]["problems"]
    assert {problem["node"] for problem in problems} >= {"a", "b", "c"}
    by_node = body["error"]["details"]["node_errors"]
    assert by_node["b"][0]["field"] == "steps"
    assert by_node["b"][0]["reason"]


REFUSED: list[tuple[Any, int, str]] = [
    ({}, 422, "invalid_workflow"),
    ({"workflow": None}, 422, "invalid_workflow"),
    ({"workflow": []}, 422, "invalid_workflow"),
    ({"workflow": {}}, 422, "invalid_workflow"),
    ({"workflow": {"nodegraph": 1, "nodes": 3}}, 422, "invalid_workflow"),
    ({"workflow": {"nodegraph": 1, "nodes": {}}}, 422, "invalid_workflow"),
    ({"workflow": {"nodes": [], "links": [], "version": 0.4}}, 422, "workflow_format_ui"),
    ([], 400, "invalid_request"),
    ("text", 400, "invalid_request"),
    ({"workflow": API_FORMAT, "surprise": 1}, 400, "invalid_request"),
    ({"workflow": API_FORMAT, "priority": "high"}, 400, "invalid_request"),
    ({"workflow": API_FORMAT, "priority": 10**9}, 400, "invalid_request"),
    ({"workflow": API_FORMAT, "targets": "2"}, 400, "invalid_request"),
    ({"workflow": API_FORMAT, "targets": ["x"]}, 422, "invalid_workflow"),
    ({"workflow": API_FORMAT, "extra_data": {"other": 1}}, 400, "invalid_request"),
    ({"workflow": API_FORMAT, "metadata": "label"}, 400, "invalid_request"),
    ({"workflow": API_FORMAT, "metadata": {"a b": "c"}}, 422, "metadata_invalid"),
    ({"workflow": API_FORMAT, "metadata": {"a": 1}}, 422, "metadata_invalid"),
    ({"workflow": API_FORMAT, "metadata": {"a": "x\n"}}, 422, "metadata_invalid"),
    ({"workflow": API_FORMAT, "metadata": {"a": "é" * 129}}, 422, "metadata_invalid"),
    (
        {"workflow": API_FORMAT, "metadata": {f"k{n}": "" for n in range(17)}},
        422,
        "metadata_invalid",
    ),
]


async def test_what_is_no_request_is_refused(client: Client) -> None:
    for body, status, code in REFUSED:
        got = await post(client, body)
        assert (got[0], got[1]["error"]["code"]) == (status, code), (body, got)
        contract.ErrorEnvelope.model_validate(got[1])
    assert (await get(client, "/api/v2/jobs"))["jobs"] == []


async def test_what_is_no_json_is_refused(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    for data in (b"", b"{", b"\xff", b"[" * 100_000, b'{"workflow": NaN}'):
        async with client.post("/api/v2/jobs", data=data, headers=headers) as answer:
            assert answer.status == 400, data
            assert (await answer.json())["error"]["code"] == "invalid_request"


async def test_a_vendors_key_is_taken_and_kept_nowhere(client: Client, tmp_path: Path) -> None:
    secret = "comfyui-key-4711"
    await finished(
        client, await submit(client, API_FORMAT, extra_data={"api_key_comfy_org": secret})
    )
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not any(secret.encode() in path.read_bytes() for path in kept)


async def test_an_unknown_id_is_not_found(client: Client) -> None:
    for path in ("", "/workflow", "/events"):
        async with client.get(f"/api/v2/jobs/nobody{path}") as answer:
            assert answer.status == 404, path
            assert (await answer.json())["error"]["code"] == "not_found"


async def test_an_unknown_job_cannot_be_cancelled(client: Client) -> None:
    async with client.post("/api/v2/jobs/nobody/cancel") as answer:
        assert answer.status == 404


async def test_another_users_jobs_are_not_found(serve: Any, service: Service) -> None:
    theirs = (await service.submit(saying(), owner="bob")).job
    client = await serve(Settings())  # "local"
    for path in ("", "/workflow", "/events"):
        async with client.get(f"/api/v2/jobs/{theirs.id}{path}") as answer:
            assert answer.status == 404, path
    async with client.post(f"/api/v2/jobs/{theirs.id}/cancel") as answer:
        assert answer.status == 404
    assert (await get(client, "/api/v2/jobs"))["jobs"] == []


class TestIdempotency:
    async def test_the_same_request_gets_the_same_job(self, client: Client) -> None:
        body = {"workflow": API_FORMAT, "metadata": {"a": "1"}}
        headers = {"Idempotency-Key": "k"}
        first = await post(client, body, **headers)
        async with client.post("/api/v2/jobs", json=body, headers=headers) as answer:
            assert answer.status == 201
            assert answer.headers["Idempotency-Replayed"] == "true"
            assert (await answer.json())["id"] == first[1]["id"]
        assert len((await get(client, "/api/v2/jobs"))["jobs"]) == 1

    @pytest.mark.parametrize(
        "other", [{"workflow": saying()}, {"workflow": API_FORMAT, "metadata": {"a": "2"}}]
    )
    async def test_the_key_of_another_request_is_refused(
        self, client: Client, other: dict[str, Any]
    ) -> None:
        headers = {"Idempotency-Key": "k"}
        await post(client, {"workflow": API_FORMAT}, **headers)
        status, body = await post(client, other, **headers)
        assert (status, body["error"]["code"]) == (422, "idempotency_key_reuse")
        assert "'k'" in body["error"]["message"]

    async def test_one_of_many_at_once_makes_the_job(self, client: Client) -> None:
        body = {"workflow": API_FORMAT}
        headers = {"Idempotency-Key": "k"}
        made = await asyncio.gather(*(post(client, body, **headers) for _ in range(10)))
        assert len({job["id"] for _, job in made}) == 1

    async def test_a_key_that_is_none_is_refused(self, client: Client) -> None:
        for key in ("", "x" * 256, "schlüssel"):
            status, body = await post(client, {"workflow": API_FORMAT}, **{"Idempotency-Key": key})
            assert (status, body["error"]["code"]) == (400, "invalid_request"), key


class TestTheQueue:
    async def test_a_waiting_job_says_how_many_are_before_it(self, held: Client) -> None:
        jobs = [await submit(held, saying()) for _ in range(3)]
        assert [job["queue_position"] for job in jobs] == [0, 1, 2]
        first = await submit(held, saying(), priority=1)
        assert first["queue_position"] == 0
        found = (await get(held, "/api/v2/jobs"))["jobs"]
        assert [job["queue_position"] for job in found] == [0, 3, 2, 1]

    async def test_a_waiting_job_is_cancelled_at_once(self, held: Client) -> None:
        job = await submit(held, saying())
        for _ in range(2):
            async with held.post(job["urls"]["cancel"]) as answer:
                assert answer.status == 200
                found = await answer.json()
        assert found["status"] == "canceled"
        assert found["queue_position"] is None
        contract.Job.model_validate(found)

    async def test_a_running_job_is_cancelled_soon(self, client: Client) -> None:
        job = await submit(client, through("Slow", steps=1000))
        async with client.post(job["urls"]["cancel"]) as answer:
            assert (await answer.json())["status"] in ("canceling", "canceled")
        assert (await finished(client, job))["status"] == "canceled"

    async def test_a_finished_job_stays_as_it_is(self, client: Client) -> None:
        job = await finished(client, await submit(client, saying()))
        async with client.post(job["urls"]["cancel"]) as answer:
            assert (await answer.json())["status"] == "succeeded"

    async def test_a_full_queue_says_when_to_come_again(self, tmp_path: Path) -> None:
        async with serving(tmp_path, queue_limit=1) as service:
            await service.pause(True)
            async with TestClient(TestServer(make_app(service, Settings()))) as client:
                await submit(client, saying())
                async with client.post("/api/v2/jobs", json={"workflow": saying()}) as answer:
                    assert answer.status == 429
                    assert int(answer.headers["Retry-After"]) >= 1
                    assert (await answer.json())["error"]["code"] == "queue_full"


UNASKABLE = [
    ("limit=0", "invalid_request"),
    ("limit=101", "invalid_request"),
    ("limit=x", "invalid_request"),
    ("limit=1&limit=2", "invalid_request"),
    ("status=done", "invalid_request"),
    ("cursor=***", "invalid_cursor"),
    ("cursor=é", "invalid_cursor"),
    ("cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ", "invalid_cursor"),
    ("cursor=LTE", "invalid_cursor"),
    ("metadata[]=x", "invalid_metadata_filter"),
    ('metadata["]=x', "invalid_metadata_filter"),
    ("metadata[a]=x%00", "invalid_metadata_filter"),
    ("metadata[a]=x&metadata[a]=y", "invalid_metadata_filter"),
    ("metadata[a]=&metadata[b]=&metadata[c]=&metadata[d]=", "invalid_metadata_filter"),
]


class TestListing:
    async def test_pages_hold_every_job_once_though_others_come(self, held: Client) -> None:
        ids = [(await submit(held, saying()))["id"] for _ in range(5)]
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            page = await get(held, f"/api/v2/jobs?limit=2&cursor={cursor}")
            seen += [job["id"] for job in page["jobs"]]
            cursor = page["next_cursor"]
            await submit(held, saying())
        assert seen == ids[::-1]

    async def test_a_listed_job_is_a_whole_one(self, client: Client) -> None:
        job = await finished(client, await submit(client, saying()))
        (found,) = (await get(client, "/api/v2/jobs"))["jobs"]
        assert found["create_time"] == found["created_at"]
        assert found["update_time"] == found["completed_at"]
        assert {key: found[key] for key in job} == job

    async def test_by_status(self, held: Client) -> None:
        one, two = await submit(held, saying()), await submit(held, saying())
        async with held.post(one["urls"]["cancel"]):
            pass
        for query, ids in (
            ("status=queued", [two["id"]]),
            ("status=canceled", [one["id"]]),
            ("status=queued,canceled", [two["id"], one["id"]]),
            ("status=queued&status=canceled", [two["id"], one["id"]]),
            ("status=expired", []),
        ):
            found = (await get(held, f"/api/v2/jobs?{query}"))["jobs"]
            assert [job["id"] for job in found] == ids, query

    async def test_by_label(self, held: Client) -> None:
        one = await submit(held, saying(), metadata={"client": "acme", "a.b-c": "x"})
        await submit(held, saying(), metadata={"client": "other"})
        await submit(held, saying())
        for query in (
            "metadata[client]=acme",
            "metadata[a.b-c]=x",
            "metadata[client]=acme&metadata[a.b-c]=x",
        ):
            (found,) = (await get(held, f"/api/v2/jobs?{query}"))["jobs"]
            assert found["id"] == one["id"]
            assert found["metadata"] == {"client": "acme", "a.b-c": "x"}
        assert (await get(held, "/api/v2/jobs?metadata[client]=nobody"))["jobs"] == []

    async def test_what_cannot_be_asked_for(self, client: Client) -> None:
        for query, code in UNASKABLE:
            async with client.get(f"/api/v2/jobs?{query}") as answer:
                assert answer.status == 400, query
                assert (await answer.json())["error"]["code"] == code, query


async def test_a_body_that_is_too_long_is_refused(serve: Any) -> None:
    client = await serve(Settings(max_json=1000))
    async with client.post("/api/v2/jobs", json={"workflow": saying("x" * 2000)}) as it:
        assert it.status == 413
        assert (await it.json())["error"]["code"] == "payload_too_large"
