"""The first thing a client asks."""

from tests.server.conftest import Client


async def test_health_says_how_the_worker_stands(client: Client) -> None:
    answer = await client.get("/api/v2/health")
    assert answer.status == 200
    body = await answer.json()
    assert body["status"] == "ok"
    assert body["worker"] in ("idle", "busy")
