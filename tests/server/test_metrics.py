"""What Prometheus is told, read by its own parser."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nodegraph.jobs.service import Service
from nodegraph.server.counts import Counts
from tests.jobs.making import saying, through
from tests.jobs.serving import run
from tests.server.conftest import Client


async def figures(client: Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by name and labels."""
    async with client.get("/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await answer.text()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    found = {(one.name, frozenset(one.labels.items())): one.value for one in samples}
    assert len(found) == len(samples)
    return found


def of(name: str, **labels: str) -> Any:
    return f"nodegraph_{name}", frozenset(labels.items())


async def test_jobs_and_nodes_are_counted(client: Client, service: Service) -> None:
    await run(service, saying("counted"))
    await run(service, saying("counted"))
    await run(service, through("Wrong"))

    found = await figures(client)

    assert found[of("jobs_ended_total", status="succeeded")] == 2
    assert found[of("jobs_ended_total", status="failed")] == 1
    assert found[of("jobs_ended_total", status="canceled")] == 0
    assert found[of("nodes_total", type="Join", outcome="ran")] == 1
    assert found[of("nodes_total", type="Join", outcome="reused")] == 1
    assert found[of("nodes_total", type="Wrong", outcome="failed")] == 1
    assert found[of("cache_hits_total")] == 3
    assert found[of("cache_misses_total")] >= 3


async def test_durations_are_told_by_node_type(client: Client, service: Service) -> None:
    await run(service, through("Slow", steps=10, pause=0.02))

    found = await figures(client)

    assert 0.2 <= found[of("node_seconds_total", type="Slow")] < 10
    assert found[of("node_seconds_total", type="SaveText")] < 10


async def test_the_queue_is_told(client: Client, service: Service) -> None:
    await service.pause(True)
    for text in "ab":
        await service.submit(saying(text))

    found = await figures(client)

    assert found[of("jobs_queued")] == 2
    assert found[of("jobs_running")] == 0
    assert found[of("queue_paused")] == 1
    assert found[of("webhooks_pending")] == 0


async def test_a_worker_that_died_is_told(client: Client, service: Service) -> None:
    await run(service, through("Crash"))
    await service.ready()

    found = await figures(client)

    assert found[of("worker_restarts_total")] == 1
    states = {name: found[of("worker_state", state=name)] for name in ("idle", "busy", "down")}
    assert states == {"idle": 1, "busy": 0, "down": 0}


async def test_memory_is_told(client: Client, service: Service) -> None:
    found = await figures(client)

    assert 10e6 < found[of("server_resident_bytes")] < 4e9
    assert found[of("memory_bytes", kind="total")] > found[of("memory_bytes", kind="free")] > 0
    assert found[of("uptime_seconds")] > 0


async def test_requests_are_counted_by_route_and_status(client: Client) -> None:
    for _ in range(2):
        await client.get("/api/v2/jobs/nothing")
    await client.get("/no/such/path")

    found = await figures(client)

    route = "/api/v2/jobs/{id}"
    assert found[of("http_requests_total", method="GET", route=route, status="404")] == 2
    assert found[of("http_request_seconds_total", method="GET", route=route, status="404")] > 0
    assert not any("nothing" in str(key) or "such" in str(key) for key in found)


@pytest.mark.parametrize("method", ["BREW", "get", ""])
def test_strange_methods_are_counted_as_one(method: str) -> None:
    counts = Counts()
    counts.add(method, "/x", 405, 0.5)
    counts.add(method, "/x", 405, 0.5)

    assert counts.requests == {("other", "/x", 405): (2, 1.0)}
