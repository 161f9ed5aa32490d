"""The queue and the history over HTTP."""

from typing import Any

from nodegraph.jobs.model import Job
from nodegraph.jobs.service import Service
from nodegraph.server.settings import Settings
from tests.jobs.making import saying, through
from tests.jobs.serving import events_of, is_running, run, until
from tests.server.conftest import Client, Serve


async def queue(client: Client, rest: str = "") -> Any:
    answer = await client.get(f"/api/editor/queue{rest}")
    assert answer.status == 200
    return await answer.json()


async def waiting(service: Service, *texts: str, owner: str = "local") -> list[Job]:
    """Jobs that wait: the queue is paused."""
    await service.pause(True)
    made = [await service.submit(saying(text), owner=owner) for text in texts]
    return [submission.job for submission in made]


async def test_the_queue_is_seen_moved_and_resumed(client: Client, service: Service) -> None:
    assert (await (await client.post("/api/editor/queue/pause")).json())["paused"]
    first, second, third = await waiting(service, "1", "2", "3")
    body: dict[str, Any] = {"before": first.id}
    moved = await client.post(f"/api/editor/queue/{third.id}/move", json=body)
    assert (await moved.json())["positions"] == {third.id: 0, first.id: 1, second.id: 2}
    body = {"priority": 5}
    moved = await client.post(f"/api/editor/queue/{second.id}/priority", json=body)
    assert moved.status == 200

    found = await queue(client)
    assert (found["paused"], found["queued"], found["running"]) == (True, 3, [])
    shown = [(job["id"], job["position"], job["priority"]) for job in found["waiting"]]
    assert shown == [(second.id, 0, 5), (third.id, 1, 0), (first.id, 2, 0)]
    page = await queue(client, "?limit=1&offset=1")
    assert ([job["id"] for job in page["waiting"]], page["next"]) == ([third.id], 2)

    moved = await client.post(f"/api/editor/queue/{third.id}/move", json={"before": second.id})
    assert (moved.status, (await moved.json())["error"]["code"]) == (409, "wrong_state")
    assert (await client.post("/api/editor/queue/nobody/move", json={})).status == 404

    assert not (await (await client.post("/api/editor/queue/resume")).json())["paused"]
    await events_of(service, first.id)
    history = await (await client.get("/api/editor/history")).json()
    assert [job["id"] for job in history["jobs"]] == [third.id, second.id, first.id]


async def test_the_queue_is_cleared_of_what_waits(client: Client, service: Service) -> None:
    long = (await service.submit(through("Slow", steps=1000, pause=0.02))).job
    await until(service, long.id, is_running("it"))
    await waiting(service, "1", "2")
    await waiting(service, "3", owner="ann")

    cleared = await client.post("/api/editor/queue/clear")

    assert await cleared.json() == {"count": 2}
    found = await queue(client)
    assert (found["queued"], found["running_count"], found["waiting"]) == (1, 1, [])
    assert found["running"][0]["nodes"]["it"]["status"] == "running"
    await service.cancel(long.id)


async def test_among_several_people_only_admin_rules(serve: Serve, service: Service) -> None:
    tokens = {Settings.digest_of(name): name for name in ("ann", "admin")}
    client = await serve(Settings(tokens=tokens))
    ann, admin = ({"Authorization": f"Bearer {name}"} for name in ("ann", "admin"))
    await waiting(service, "1")
    (job,) = await waiting(service, "2", owner="ann")
    path = f"/api/editor/queue/{job.id}/priority"

    assert (await client.post("/api/editor/queue/pause", headers=ann)).status == 403
    assert (await client.post(path, json={"priority": 1}, headers=ann)).status == 403
    assert (await client.post(path, json={"priority": -1}, headers=ann)).status == 200
    assert (await client.post(path, json={"priority": -1}, headers=admin)).status == 404
    found = await (await client.get("/api/editor/queue", headers=ann)).json()
    assert [one["id"] for one in found["waiting"]] == [job.id]
    assert (found["queued"], found["waiting"][0]["position"]) == (2, 1)
    for headers, priority, status in ((ann, 1, 403), (ann, 0, 201), (admin, 1, 201)):
        body = {"workflow": saying(), "priority": priority}
        assert (await client.post("/api/v2/jobs", json=body, headers=headers)).status == status
    assert (await client.post("/api/editor/queue/resume", headers=admin)).status == 200


async def test_the_history_has_outputs_reports_and_the_workflow(
    client: Client, service: Service
) -> None:
    document = {**saying("hi"), "name": "Greeting"}
    job = await run(service, document, extra={"labels": {"tab": "7"}})
    failed = await run(service, through("Wrong", text="x"))

    found = await (await client.get("/api/editor/history?limit=1")).json()
    assert (found["total"], found["next"]) == (2, 1)
    assert found["jobs"][0]["error"]["node_id"] == "it"
    assert found["jobs"][0]["id"] == failed.id
    found = await (await client.get("/api/editor/history?status=succeeded")).json()
    (card,) = found["jobs"]
    assert (card["title"], card["metadata"]) == ("Greeting", {"tab": "7"})
    (output,) = card["outputs"]
    assert (output["node_id"], output["output"], output["type"]) == ("save", "texts", "text")
    assert output["thumbnail_url"] is None
    content = await client.get(output["url"])
    assert await content.read() == b"hi!"

    whole = await (await client.get(f"/api/editor/jobs/{job.id}")).json()
    assert whole["nodes"]["echo"]["status"] == "ran"
    assert whole["nodes"]["echo"]["reason"]
    ran = await (await client.get(f"/api/editor/jobs/{job.id}/workflow")).json()
    assert (ran["workflow"], ran["source"], ran["format"]) == (document, document, "native")


async def test_jobs_are_pinned_and_forgotten(client: Client, service: Service) -> None:
    jobs = [await run(service, saying(text)) for text in ("1", "2", "3")]
    pinned = await client.put(f"/api/editor/jobs/{jobs[0].id}/pin", json={"pinned": True})
    assert (await pinned.json())["pinned"]
    assert (await client.delete(f"/api/editor/jobs/{jobs[1].id}")).status == 204
    assert (await client.delete(f"/api/editor/jobs/{jobs[1].id}")).status == 404
    long = (await service.submit(through("Slow", steps=1000, pause=0.02))).job
    await until(service, long.id, is_running("it"))
    assert (await client.delete(f"/api/editor/jobs/{long.id}")).status == 409

    cleared = await client.post("/api/editor/history/clear")

    assert await cleared.json() == {"count": 1}
    left = (await (await client.get("/api/editor/history")).json())["jobs"]
    assert [job["id"] for job in left] == [jobs[0].id]
    await service.cancel(long.id)
