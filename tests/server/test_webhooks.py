"""Webhooks against real receivers: what arrives, what is tried again, where nothing is sent."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from nodegraph.jobs.hooks import ATTEMPTS, Hooks
from nodegraph.jobs.service import Service
from nodegraph.server.addresses import Pinned, Refused, check_url, is_public, look_up
from nodegraph.server.settings import Settings
from nodegraph.server.webhooks import Webhooks
from tests.jobs.making import saying, through
from tests.jobs.serving import comes_true, serving
from tests.server.conftest import Client, Serve

SECRET = "a secret of some length"


@dataclass
class Receiver:
    """Somebody who is told; `answers` are given in turn, then 204."""

    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    got: list[tuple[web.BaseRequest, bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        self.paths.append(request.path)
        self.got.append((request, await request.read()))
        return self.answers.pop(0) if self.answers else web.Response(status=204)

    async def heard(self, count: int = 1) -> None:
        async def enough() -> bool:
            return len(self.got) >= count

        await comes_true(enough)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", made.take)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/told"))
    yield made
    await server.close()


@pytest.fixture
async def client(serve: Serve) -> Client:
    return await serve(Settings(private_webhooks=True))


async def submit(client: Client, url: str, document: Any = None, **more: Any) -> tuple[int, Any]:
    body = {"workflow": document or saying("told"), "webhook": {"url": url, **more}}
    async with client.post("/api/v2/jobs", json=body) as answer:
        return answer.status, await answer.json()


async def none_left(service: Service) -> bool:
    return await service.blocking(service.hooks.count) == 0


async def test_the_end_of_a_job_is_told_and_signed(
    client: Client, service: Service, receiver: Receiver
) -> None:
    status, job = await submit(client, receiver.url, secret=SECRET)
    await receiver.heard()
    request, body = receiver.got[0]
    told = json.loads(body)
    number, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    expected = hmac.new(SECRET.encode(), f"{number}.{stamp}.".encode() + body, hashlib.sha256)

    assert status == 201
    assert (request.method, request.path) == ("POST", "/told")
    assert told["type"] == "job.succeeded"
    assert told["data"]["id"] == number == job["id"]
    assert told["data"]["status"] == "succeeded"
    assert [output["type"] for output in told["data"]["outputs"]] == ["text"]
    assert told["data"]["outputs"][0]["url"].startswith(str(client.make_url("/")))
    assert abs(int(stamp) - time.time()) < 60
    signature = base64.b64encode(expected.digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{signature}"
    await comes_true(lambda: none_left(service))
    assert len(receiver.got) == 1


async def test_a_failed_and_a_cancelled_job_are_told_too(
    client: Client, service: Service, receiver: Receiver
) -> None:
    await submit(client, receiver.url, through("Wrong"))
    await receiver.heard()
    _, job = await submit(client, receiver.url, through("Slow", steps=500))
    await service.cancel(job["id"])
    await receiver.heard(2)

    assert [json.loads(body)["type"] for _, body in receiver.got] == ["job.failed", "job.canceled"]
    assert "webhook-signature" not in receiver.got[0][0].headers


async def test_a_secret_is_never_shown(client: Client, service: Service) -> None:
    _, job = await submit(client, "http://127.0.0.1:9/", secret=SECRET)
    async with client.get(f"/api/v2/jobs/{job['id']}") as answer:
        assert SECRET not in await answer.text()
    assert SECRET not in str(await service.get(job["id"]))


def hurried(service: Service) -> Callable[[], float]:
    """Let the time between attempts pass ten thousand times as fast."""
    begun = time.time()

    def clock() -> float:
        return begun + (time.time() - begun) * 10_000

    service.hooks = Hooks(service._parts.database, clock)
    return clock


async def test_what_did_not_arrive_is_sent_again(
    service: Service, receiver: Receiver, client: Client
) -> None:
    hurried(service)
    receiver.answers = [web.Response(status=500), web.Response(status=404)]
    hasty = Webhooks(service, private=True, look_seconds=0.05)
    hasty.start()

    await submit(client, receiver.url)
    await receiver.heard(3)
    await comes_true(lambda: none_left(service))
    await hasty.stop()

    assert len({request.headers["webhook-id"] for request, _ in receiver.got}) == 1


async def test_attempts_are_bounded(service: Service, receiver: Receiver, client: Client) -> None:
    hurried(service)
    receiver.answers = [web.Response(status=503) for _ in range(100)]
    hasty = Webhooks(service, private=True, look_seconds=0.05)
    hasty.start()

    await submit(client, receiver.url)
    await comes_true(lambda: none_left(service))
    await hasty.stop()

    assert len(receiver.got) == ATTEMPTS


async def test_a_receiver_that_wants_nothing_more_gets_nothing_more(
    client: Client, service: Service, receiver: Receiver
) -> None:
    receiver.answers = [web.Response(status=410)]
    await submit(client, receiver.url)

    await receiver.heard()
    await comes_true(lambda: none_left(service))


async def test_redirects_lead_nowhere(client: Client, service: Service, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=307, headers={"Location": "/elsewhere"})]
    await submit(client, receiver.url)
    await receiver.heard()
    await asyncio.sleep(0.2)

    assert receiver.paths == ["/told"]
    assert await service.blocking(service.hooks.count) == 1  # it is tried again


async def test_what_is_to_be_told_survives_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    from nodegraph.jobs.model import Hook

    async with serving(tmp_path) as first:
        job = (await first.submit(saying(), hook=Hook(receiver.url, None, "http://x"))).job

        async def done() -> bool:
            return (await first.get(job.id)).finished

        await comes_true(done)
    async with serving(tmp_path, wait=False) as second:
        hooks = Webhooks(second, private=True)
        hooks.start()
        await receiver.heard()
        await comes_true(lambda: none_left(second))
        await hooks.stop()

    assert json.loads(receiver.got[0][1])["data"]["id"] == job.id


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8188/free",
        "http://localhost/",
        "http://x.localhost/",
        "http://printer.local/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://255.255.255.255/",
        "http://224.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://user:word@example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org/",
        "example.org",
        "http://",
        "http://example.org:99999/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "http://example.org/" + "x" * 2000,
        "",
    ],
)
async def test_what_is_no_public_url_is_refused(serve: Serve, service: Service, url: str) -> None:
    client = await serve(Settings())

    status, body = await submit(client, url)

    assert status == 422
    assert body["error"]["code"] == "invalid_webhook"
    assert (await service.queue()).queued == 0


async def test_a_secret_must_be_one(client: Client) -> None:
    assert (await submit(client, "http://127.0.0.1:9/", secret="short"))[0] == 400
    status, body = await submit(client, "http://127.0.0.1:9/", secret="whsec_this is no base64!")
    assert (status, body["error"]["code"]) == (422, "invalid_webhook")


async def test_a_name_that_leads_to_a_private_address_is_refused(
    service: Service, receiver: Receiver
) -> None:
    url = URL("http://localhost:80/")

    with pytest.raises(Refused, match="not a public address"):
        await look_up(url, private=False)
    assert (await look_up(url, private=True)).addresses


async def test_a_webhook_that_became_private_is_dropped(
    serve: Serve, service: Service, receiver: Receiver
) -> None:
    from nodegraph.jobs.model import Hook

    await serve(Settings())  # which sends webhooks, but to no private address
    await service.submit(saying(), hook=Hook(receiver.url, None, "http://x"))

    await comes_true(lambda: none_left(service))

    assert receiver.got == []


async def test_nobody_is_asked_again_where_a_name_leads(receiver: Receiver) -> None:
    port = URL(receiver.url).port
    connector = aiohttp.TCPConnector(resolver=Pinned({"127.0.0.1": None}), use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        answer = await session.post(f"http://no.such.name.invalid:{port}/told")

    assert answer.status == 204
    assert receiver.got[0][0].host == f"no.such.name.invalid:{port}"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_public_addresses_pass(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert check_url(f"https://{host}:444/a?b=c", private=False).port == 444
